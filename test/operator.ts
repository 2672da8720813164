// An operator's hand on a RabbitMQ of ours: Erlang, evaluated inside the node. `rabbitmqctl` starts a runtime of its own for
// every word, a second or more on a busy machine; so it is asked once, to open a door in the node.
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export interface Operator {
  /** The value of an Erlang expression, printed. Rejects when it throws. */
  evaluate(expression: string): Promise<string>;
  /** Ends the connections whose `connection_name` is this; resolves once they are gone there. */
  cut(connectionName: string, reason?: string): Promise<void>;
  /** Raises or ends the alarm over memory. */
  alarm(raised: boolean): Promise<void>;
  /** A variable of RabbitMQ's application; most are read when a connection or channel opens. */
  set(variable: string, erlang: string): Promise<void>;
  end(): void;
}

/** Of a node on this machine; one in a container is reached by `rabbitmqctl` alone, slowly. */
export async function operate(
  rabbitmqctl: (...args: readonly string[]) => Promise<string>,
): Promise<Operator> {
  const token = randomBytes(12).toString('hex');
  const port = Number(await rabbitmqctl('eval', door(token)));
  const socket = await reach(port);
  const evaluate = socket
    ? speak(socket, token)
    : (expression: string) => rabbitmqctl('eval', `${expression}.`);
  return {
    evaluate,
    cut: async (name, reason = 'cut by the operator') => void (await evaluate(cutting(name, reason))),
    alarm: async (raised) =>
      void (await evaluate(`vm_memory_monitor:set_vm_memory_high_watermark(${raised ? '0.000001' : '0.4'})`)),
    set: async (variable, erlang) =>
      void (await evaluate(`application:set_env(rabbit, ${variable}, ${erlang})`)),
    end: () => socket?.destroy(),
  };
}

function reach(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.unref()));
    socket.on('error', () => resolve(undefined));
  });
}

/** Questions and answers are packets behind their length; a question begins with the token. */
function speak(socket: Socket, token: string): (expression: string) => Promise<string> {
  const waiting: { resolve: (text: string) => void; reject: (error: Error) => void }[] = [];
  const closed = () => new Error("the node closed the operator's door");
  let rest = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0);
      const answer = rest.subarray(4, end).toString();
      rest = rest.subarray(end);
      if (waiting.length === 1) socket.unref();
      const asked = waiting.shift();
      if (answer.startsWith('ok ')) asked?.resolve(answer.slice(3));
      else asked?.reject(new Error(answer));
    }
  });
  socket.on('close', () => {
    for (const { reject } of waiting.splice(0)) reject(closed());
  });
  return (expression) =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) return reject(closed());
      const question = Buffer.from(`${token}${expression}.`);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(question.length);
      waiting.push({ resolve, reject });
      socket.ref().write(Buffer.concat([length, question]));
    });
}

function door(token: string): string {
  return `
    {ok, Listening} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}, binary, {packet, 4}, {active, false}]),
    {ok, Port} = inet:port(Listening),
    Answer = fun(Text) ->
      try
        {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Text)),
        {ok, Expressions} = erl_parse:parse_exprs(Tokens),
        {value, Value, _} = erl_eval:exprs(Expressions, []),
        io_lib:format("ok ~0tp", [Value])
      catch Class:Reason -> io_lib:format("~p ~0tp", [Class, Reason]) end
    end,
    Serve = fun Serve(Socket) ->
      case gen_tcp:recv(Socket, 0) of
        {ok, <<"${token}", Text/binary>>} ->
          gen_tcp:send(Socket, unicode:characters_to_binary(Answer(Text))), Serve(Socket);
        _ -> gen_tcp:close(Socket)
      end
    end,
    Accept = fun Accept() ->
      {ok, Socket} = gen_tcp:accept(Listening),
      Server = spawn(fun() -> receive go -> Serve(Socket) end end),
      gen_tcp:controlling_process(Socket, Server), Server ! go, Accept()
    end,
    Owner = spawn(fun() -> group_leader(whereis(init), self()), receive go -> Accept() end end),
    gen_tcp:controlling_process(Listening, Owner), Owner ! go, Port.`;
}

/** In Erlang, since the HTTP API shows a connection only seconds after it came. Ends when all of the name are gone. */
function cutting(connectionName: string, reason: string): string {
  return `
    Named = fun(Info) ->
      Properties = proplists:get_value(client_properties, Info, []),
      % One that has just come has none yet.
      is_list(Properties) andalso lists:member({<<"connection_name">>, longstr, <<"${connectionName}">>}, Properties)
    end,
    Infos = [Info || Pid <- rabbit_networking:connections(),
      Info <- [catch rabbit_networking:connection_info(Pid, [pid, client_properties])], is_list(Info)],
    Found = [proplists:get_value(pid, Info) || Info <- Infos, Named(Info)],
    [catch rabbit_networking:close_connection(Pid, "${reason}") || Pid <- Found],
    Gone = fun Wait(Pid) -> not is_process_alive(Pid) orelse begin timer:sleep(5), Wait(Pid) end end,
    [Gone(Pid) || Pid <- Found]`;
}
