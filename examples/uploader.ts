import { configure, defineWorker, secret } from 'needful-worker';
import { z } from 'zod';

const config = z.object({ url: z.string(), token: secret(z.string().min(8)) });

export default configure(config, ({ url, token }) =>
  defineWorker({
    name: 'uploader',
    steps: {
      Upload: {
        parameters: z.object({ file: z.string() }),
        run({ parameters: { file }, output }) {
          const headers = { authorization: `Bearer ${token}` };
          output.info(`PUT ${url}/${file} ${JSON.stringify(headers)}`);
          return { file, headers };
        },
      },
    },
  }),
);
