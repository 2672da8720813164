# A worker as one writes it in an afternoon: every defect in it is one that the judge must name.
import json
import os
import sys

import pika

QUEUE = "worker.sloppy"


def on_job(channel, delivery, properties, body):
    def publish(exchange, key, text, correlation_id):
        mine = pika.BasicProperties(correlation_id=correlation_id, content_type="text/plain")
        channel.basic_publish(exchange, key, text, mine)

    def reply(status):
        # Everybody's correlation id is the one of the release it was tried with.
        publish("", properties.reply_to, json.dumps({"status": status}), "release-1")

    # Never acknowledged, and what is not JSON ends the process.
    job = json.loads(body)
    publish("re", "output", "not even JSON", properties.correlation_id)
    try:
        assert isinstance(job["parameters"]["who"], str)
    except Exception:
        # Nobody can read it: Python's own way of writing a dictionary.
        publish("", properties.reply_to, str({"status": "failed"}), properties.correlation_id)
        return
    # The end first, then the beginning, then the end again.
    reply("completed")
    reply("started")
    reply("completed")


connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.basic_consume(QUEUE, on_job)
print("listening", flush=True)
try:
    channel.start_consuming()
except Exception as error:
    sys.exit(f"sloppy: {type(error).__name__}")
