"""The messages and enums of provider.proto: contract.Result, contract.OUTCOME_PENDING and all others.

They are built when the plugin starts, from the descriptors in provider.binpb: code that
protoc generates asks for the runtime of its own version, and a descriptor for none.
"""

import pkgutil
from typing import Any

from google.protobuf import descriptor_pb2, message_factory

PACKAGE = "paymux.provider.v1"


def _messages_and_enums() -> dict[str, Any]:
    """Return the message classes and the enums' numbers by their names."""
    data = pkgutil.get_data(__package__, "provider.binpb")
    files = descriptor_pb2.FileDescriptorSet.FromString(data).file
    classes = message_factory.GetMessages(files)
    names: dict[str, Any] = {}
    for file in files:
        if file.package == PACKAGE:
            names |= {one.name: classes[f"{PACKAGE}.{one.name}"] for one in file.message_type}
            names |= {value.name: value.number for enum in file.enum_type for value in enum.value}
    return names


globals().update(_messages_and_enums())
