"""The messages that gRPC and go-plugin themselves exchange with a plugin.

They are few and small: gRPC's health check, the controller that ends a plugin, and the
status that carries a Fault. On the wire a message has no name, so these have their own.
"""

from google.protobuf import descriptor_pb2, message_factory, text_format

_FILE = text_format.Parse(
    """
    name: "paymux_plugin/hosting.proto" package: "paymux_plugin.hosting" syntax: "proto3"
    message_type { name: "Empty" }
    message_type {
      name: "HealthCheckRequest"
      field { name: "service" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    }
    message_type {
      name: "HealthCheckResponse"
      field { name: "status" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }
    }
    message_type {
      name: "Detail"
      field { name: "type_url" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
      field { name: "value" number: 2 type: TYPE_BYTES label: LABEL_OPTIONAL }
    }
    message_type {
      name: "Status"
      field { name: "code" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }
      field { name: "message" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
      field {
        name: "details" number: 3 type: TYPE_MESSAGE label: LABEL_REPEATED
        type_name: ".paymux_plugin.hosting.Detail"
      }
    }
    """,
    descriptor_pb2.FileDescriptorProto(),
)

_CLASSES = message_factory.GetMessages([_FILE])

Empty = _CLASSES["paymux_plugin.hosting.Empty"]
HealthCheckRequest = _CLASSES["paymux_plugin.hosting.HealthCheckRequest"]
HealthCheckResponse = _CLASSES["paymux_plugin.hosting.HealthCheckResponse"]
Status = _CLASSES["paymux_plugin.hosting.Status"]

SERVING = 1
"""The status of HealthCheckResponse that says all is well."""
