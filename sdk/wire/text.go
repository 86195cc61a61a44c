package wire

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// readable replaces what is not UTF-8 in every text of an answer. Providers send
// Latin-1 now and then; a message with one such byte could not be marshalled,
// and the answer about the money would be lost for the sake of an accent.
func readable[M proto.Message](m M) M {
	repair(m.ProtoReflect())
	return m
}

func repair(m protoreflect.Message) {
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap():
			repairMap(field, value.Map())
		case field.IsList():
			repairList(field, value.List())
		case field.Kind() == protoreflect.MessageKind:
			repair(value.Message())
		case field.Kind() == protoreflect.StringKind:
			if fixed, changed := utf8Of(value.String()); changed {
				m.Set(field, protoreflect.ValueOfString(fixed))
			}
		}
		return true
	})
}

func repairList(field protoreflect.FieldDescriptor, list protoreflect.List) {
	for i := range list.Len() {
		switch field.Kind() {
		case protoreflect.MessageKind:
			repair(list.Get(i).Message())
		case protoreflect.StringKind:
			if fixed, changed := utf8Of(list.Get(i).String()); changed {
				list.Set(i, protoreflect.ValueOfString(fixed))
			}
		}
	}
}

// repairMap repairs values. Keys are names that the plugin's author wrote.
func repairMap(field protoreflect.FieldDescriptor, entries protoreflect.Map) {
	if field.MapValue().Kind() != protoreflect.MessageKind {
		return
	}
	entries.Range(func(_ protoreflect.MapKey, value protoreflect.Value) bool {
		repair(value.Message())
		return true
	})
}

func utf8Of(text string) (fixed string, changed bool) {
	fixed = strings.ToValidUTF8(text, "\uFFFD")
	return fixed, fixed != text
}
