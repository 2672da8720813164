# A worker in Python: `greeter:Hello` with the parameter `who`. Its queue, worker.greeter, must exist.
import json
import os

import pika

QUEUE, APP_ID = "worker.greeter", "greeterworker"


class Invalid(Exception):
    pass


def hello(parameters):
    who = parameters.get("who")
    if not isinstance(who, str):
        raise Invalid("who must be a string")
    return lambda: f"Hello, {who}!"


STEPS = {"Hello": hello}


def read(body):
    """What is to be done, or Invalid: nothing that comes from the bus may end the worker."""
    try:
        job = json.loads(body)
        parameters = job["parameters"]
        step = STEPS[parameters["subcommand"]]
    except Exception as error:  # not JSON, no object, too deep, no such step ...
        raise Invalid(f"this is no job: {type(error).__name__}") from error
    return step(parameters)


def on_job(channel, delivery, properties, body):
    def reply(status, **data):
        if properties.reply_to:
            mine = pika.BasicProperties(
                app_id=APP_ID, correlation_id=properties.correlation_id, reply_to="log"
            )
            channel.basic_publish("", properties.reply_to, json.dumps({"status": status, **data}), mine)

    channel.basic_ack(delivery.delivery_tag)
    try:
        do_the_needful = read(body)
        reply("started")
        reply("completed", data=do_the_needful())
    except Exception as error:
        reply("failed", data=str(error))


connection = pika.BlockingConnection(pika.URLParameters(os.environ.get("AMQP_URL", "amqp://localhost")))
channel = connection.channel()
channel.basic_qos(prefetch_count=1)
channel.basic_consume(QUEUE, on_job)
print("listening", flush=True)
channel.start_consuming()
