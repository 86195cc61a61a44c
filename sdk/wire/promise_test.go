package wire_test

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"

	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

// promised is the protocol as plugins were promised it. It only grows, by
// `make promise`; `make breaking` compares more than this test, and needs buf.
func promised(t *testing.T) *descriptorpb.FileDescriptorProto {
	t.Helper()
	text, err := os.ReadFile("../proto/v1.txtpb")
	if err != nil {
		t.Fatal(err)
	}
	var image descriptorpb.FileDescriptorSet
	// buf adds fields of its own to a file, which are of no interest here.
	if err := (prototext.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(text, &image); err != nil {
		t.Fatal(err)
	}
	for _, file := range image.GetFile() {
		if file.GetPackage() == "paymux.provider.v1" {
			return file
		}
	}
	t.Fatal("the protocol is not in it")
	return nil
}

func TestTheProtocolOnlyGrows(t *testing.T) {
	t.Parallel()
	today := protodesc.ToFileDescriptorProto(pb.File_provider_v1_provider_proto)
	for _, broken := range broken(promised(t), today) {
		t.Error(broken)
	}
}

// The control of the test above.
func TestABrokenPromiseIsNoticed(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*descriptorpb.FileDescriptorProto){
		"a field has another type": func(f *descriptorpb.FileDescriptorProto) {
			f.MessageType[0].Field[0].Type = descriptorpb.FieldDescriptorProto_TYPE_FIXED64.Enum()
		},
		"a field has another number":     func(f *descriptorpb.FileDescriptorProto) { f.MessageType[0].Field[0].Number = proto.Int32(99) },
		"a field has another name":       func(f *descriptorpb.FileDescriptorProto) { f.MessageType[0].Field[0].Name = proto.String("other") },
		"a field is gone":                func(f *descriptorpb.FileDescriptorProto) { f.MessageType[0].Field = f.MessageType[0].Field[1:] },
		"a message is gone":              func(f *descriptorpb.FileDescriptorProto) { f.MessageType = f.MessageType[1:] },
		"a value of an enum is gone":     func(f *descriptorpb.FileDescriptorProto) { f.EnumType[0].Value = f.EnumType[0].Value[1:] },
		"a value means another word":     func(f *descriptorpb.FileDescriptorProto) { f.EnumType[0].Value[1].Number = proto.Int32(99) },
		"a call is gone":                 func(f *descriptorpb.FileDescriptorProto) { f.Service[1].Method = f.Service[1].Method[1:] },
		"a call answers another message": func(f *descriptorpb.FileDescriptorProto) { f.Service[0].Method[0].OutputType = proto.String(".x") },
		"the package is another":         func(f *descriptorpb.FileDescriptorProto) { f.Package = proto.String("paymux.provider.v2") },
	}
	for words, change := range tests {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			today := protodesc.ToFileDescriptorProto(pb.File_provider_v1_provider_proto)
			change(today)
			if len(broken(promised(t), today)) == 0 {
				t.Error("nobody noticed")
			}
		})
	}
	grown := protodesc.ToFileDescriptorProto(pb.File_provider_v1_provider_proto)
	grown.MessageType[0].Field = append(grown.MessageType[0].Field, &descriptorpb.FieldDescriptorProto{
		Name: proto.String("grown"), Number: proto.Int32(99), Type: descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(),
	})
	if found := broken(promised(t), grown); len(found) > 0 {
		t.Errorf("a field more breaks the promise: %v", found)
	}
}

// broken says what of before is not in now.
func broken(before, now *descriptorpb.FileDescriptorProto) []string {
	today := lines(now)
	return slices.DeleteFunc(lines(before), func(line string) bool { return slices.Contains(today, line) })
}

// lines are all that is promised, a line each.
func lines(file *descriptorpb.FileDescriptorProto) []string {
	var all []string
	for _, message := range file.GetMessageType() {
		all = append(all, messageLines(file.GetPackage(), message)...)
	}
	for _, enum := range file.GetEnumType() {
		for _, value := range enum.GetValue() {
			all = append(all, fmt.Sprintf("%s.%s: %s is %d", file.GetPackage(), enum.GetName(), value.GetName(), value.GetNumber()))
		}
	}
	for _, service := range file.GetService() {
		for _, call := range service.GetMethod() {
			all = append(all, fmt.Sprintf("%s.%s: %s takes %s and answers %s, streaming %t %t", file.GetPackage(), service.GetName(),
				call.GetName(), call.GetInputType(), call.GetOutputType(), call.GetClientStreaming(), call.GetServerStreaming()))
		}
	}
	return all
}

func messageLines(in string, message *descriptorpb.DescriptorProto) []string {
	name := in + "." + message.GetName()
	all := []string{"message " + name}
	for _, field := range message.GetField() {
		oneof := "-"
		if field.OneofIndex != nil {
			oneof = message.GetOneofDecl()[field.GetOneofIndex()].GetName()
		}
		all = append(all, fmt.Sprintf("%s: %d is %s, %s %s %s, one of %s", name, field.GetNumber(), field.GetName(),
			field.GetLabel(), field.GetType(), field.GetTypeName(), oneof))
	}
	for _, nested := range message.GetNestedType() {
		all = append(all, messageLines(name, nested)...)
	}
	return all
}
