"""What a Paymux plugin needs beside its provider, on Debian's own Python packages.

Its author writes a manifest, a class whose objects are accounts, and nothing else:

    from paymux_plugin import contract as pb

    MANIFEST = pb.Manifest(name="acmepay", version="1.0.0", ...)

    class Account:
        def __init__(self, settings: Settings) -> None: ...
        def create_payment(self, call: Call, payment: pb.Payment) -> pb.Result: ...
        def query_status(self, call: Call, attempt: pb.Attempt) -> pb.Result: ...

The messages are those of provider.proto, word for word. An account offers the operations
whose methods it has. A method returns what the provider answered; what could not be asked
or read is a Fault. Everything else is done around it:

    process      standard streams, signals and the lifeline
    handshake    how the engine finds the server
    certificate  who it is, under AutoMTLS
    server       the gRPC server and its life
    services     the calls of the engine, and the guard around each
    calls        how long a call may take, and which are in flight
    contract     the messages of provider.proto
    hosting      the messages of gRPC and go-plugin themselves
    settings     an account's settings, held against the manifest
    client       HTTP to the provider, with the proof of what was not sent
    faults       what goes wrong, as the engine understands it
    texts        what a provider wrote, fit for people and logs
    logs         lines that the engine reads
"""
