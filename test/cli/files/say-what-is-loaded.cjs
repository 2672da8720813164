// For `node --require`: names on stderr, at the end of the process, the CommonJS modules that were loaded.
process.on('exit', () => {
  console.error(Object.keys(require.cache).join('\n'));
});
