package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/paymux/paymux/sdk"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

// Methods returns the names of all methods of the protocol, as they are called in it.
func Methods() []string {
	var names []string
	for _, service := range services() {
		for i := range service.Methods().Len() {
			names = append(names, string(service.Methods().Get(i).Name()))
		}
	}
	return names
}

func services() []protoreflect.ServiceDescriptor {
	all := pb.File_provider_v1_provider_proto.Services()
	list := make([]protoreflect.ServiceDescriptor, all.Len())
	for i := range list {
		list[i] = all.Get(i)
	}
	return list
}

func methodOf(name string) (protoreflect.MethodDescriptor, error) {
	for _, service := range services() {
		if method := service.Methods().ByName(protoreflect.Name(name)); method != nil {
			return method, nil
		}
	}
	return nil, fmt.Errorf("%q is no method: there are %s", name, strings.Join(Methods(), ", "))
}

// Call makes one call by its name, with a request that is JSON as the protocol's
// messages have it; empty is an empty one. Its account and its settings, where it
// has such, are those given here. What it returns is JSON without what hide hides
// and without what the protocol itself marks as not to be shown. An *sdk.Error is
// the plugin's own fault.
func (c *Client) Call(
	ctx context.Context, method string, account string, settings sdk.Settings, request []byte, hide func(string) string,
) ([]byte, error) {
	called, err := methodOf(method)
	if err != nil {
		return nil, err
	}
	req, resp, err := messagesOf(called)
	if err != nil {
		return nil, err
	}
	if err := readRequest(req, request); err != nil {
		return nil, err
	}
	put(req, "account", AccountID{account, SettingsHash(settings)}.proto())
	put(req, "settings", settingsToProto(settings))
	if err := c.conn.Invoke(ctx, fmt.Sprintf("/%s/%s", called.Parent().FullName(), called.Name()), req, resp); err != nil {
		return nil, err
	}
	hideIn(resp.ProtoReflect(), hide)
	return written(resp)
}

// CheckRequest reports what is wrong with a method or a request of Call, before
// there is anybody to call.
func CheckRequest(method string, request []byte) error {
	called, err := methodOf(method)
	if err != nil {
		return err
	}
	req, _, err := messagesOf(called)
	if err != nil {
		return err
	}
	return readRequest(req, request)
}

// readRequest reads JSON into req. The error may quote a part of it, which the
// caller wrote.
func readRequest(req proto.Message, request []byte) error {
	if len(request) == 0 {
		return nil
	}
	if err := protojson.Unmarshal(request, req); err != nil {
		message := req.ProtoReflect().Descriptor()
		return fmt.Errorf("the request is no %s, which has %s: %w", message.Name(), fieldsOf(message), err)
	}
	return nil
}

// fieldsOf names what a request may hold besides what Call puts there.
func fieldsOf(message protoreflect.MessageDescriptor) string {
	var names []string
	for i := range message.Fields().Len() {
		if name := message.Fields().Get(i).Name(); name != "account" && name != "settings" {
			names = append(names, string(name))
		}
	}
	if len(names) == 0 {
		return "no fields"
	}
	return strings.Join(names, ", ")
}

func messagesOf(method protoreflect.MethodDescriptor) (req, resp proto.Message, err error) {
	in, err := protoregistry.GlobalTypes.FindMessageByName(method.Input().FullName())
	if err != nil {
		return nil, nil, fmt.Errorf("wire: %w", err)
	}
	out, err := protoregistry.GlobalTypes.FindMessageByName(method.Output().FullName())
	if err != nil {
		return nil, nil, fmt.Errorf("wire: %w", err)
	}
	return in.New().Interface(), out.New().Interface(), nil
}

// put sets a field of a request that has it.
func put(req proto.Message, name protoreflect.Name, value proto.Message) {
	message := req.ProtoReflect()
	if field := message.Descriptor().Fields().ByName(name); field != nil && field.Message().FullName() == value.ProtoReflect().Descriptor().FullName() {
		message.Set(field, protoreflect.ValueOfMessage(value.ProtoReflect()))
	}
}

// written returns m as indented JSON. protojson itself varies its white space.
func written(m proto.Message) ([]byte, error) {
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("wire: %w", err)
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, fmt.Errorf("wire: %w", err)
	}
	return json.MarshalIndent(value, "", "  ")
}

// hideIn hides every text in m, and what the protocol marks as not to be shown.
func hideIn(m protoreflect.Message, hide func(string) string) {
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case secretField(field):
			blank(m, field)
		case field.IsMap():
			hideMap(field, value.Map(), hide)
		case field.IsList():
			list := value.List()
			for i := range list.Len() {
				list.Set(i, hiddenValue(field, list.Get(i), hide))
			}
		default:
			m.Set(field, hiddenValue(field, value, hide))
		}
		return true
	})
}

func hideMap(field protoreflect.FieldDescriptor, entries protoreflect.Map, hide func(string) string) {
	entries.Range(func(key protoreflect.MapKey, value protoreflect.Value) bool {
		entries.Set(key, hiddenValue(field.MapValue(), value, hide))
		return true
	})
}

func hiddenValue(field protoreflect.FieldDescriptor, value protoreflect.Value, hide func(string) string) protoreflect.Value {
	switch field.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(hide(value.String()))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(hide(string(value.Bytes()))))
	case protoreflect.MessageKind:
		hideIn(value.Message(), hide)
	}
	return value
}

func secretField(field protoreflect.FieldDescriptor) bool {
	options, ok := field.Options().(*descriptorpb.FieldOptions)
	return ok && options.GetDebugRedact()
}

// blank says that a text is there, and clears anything else.
func blank(m protoreflect.Message, field protoreflect.FieldDescriptor) {
	if field.Kind() == protoreflect.StringKind && !field.IsList() {
		m.Set(field, protoreflect.ValueOfString(redacted))
		return
	}
	m.Clear(field)
}

// FaultJSON returns a fault as the protocol has it, as JSON.
func FaultJSON(fault *sdk.Error, hide func(string) string) ([]byte, error) {
	told := readable(faultToProto(fault))
	hideIn(told.ProtoReflect(), hide)
	return written(told)
}
