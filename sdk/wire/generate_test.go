package wire_test

import (
	"net/http"
	"reflect"
	"time"

	"pgregory.net/rapid"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// generated returns any value of T. Every field is filled by reflection, so a
// field that is added to the sdk and forgotten on the wire fails the round trip.
func generated[T any]() *rapid.Generator[T] {
	return rapid.MakeCustom[T](rapid.MakeConfig{
		Types: map[reflect.Type]*rapid.Generator[any]{
			reflect.TypeFor[time.Time]():              instants().AsAny(),
			reflect.TypeFor[int]():                    rapid.IntRange(-1<<31, 1<<31-1).AsAny(),
			reflect.TypeFor[money.Amount]():           amounts().AsAny(),
			reflect.TypeFor[money.Currency]():         currencies().AsAny(),
			reflect.TypeFor[http.Header]():            headers().AsAny(),
			reflect.TypeFor[map[sdk.Kind]sdk.Facts](): rapid.Deferred(facts).AsAny(),
			reflect.TypeFor[sdk.Outcome]():            rapid.SampledFrom(sdk.Outcomes()).AsAny(),
			reflect.TypeFor[sdk.Verdict]():            upTo(sdk.VerdictRefused).AsAny(),
			reflect.TypeFor[sdk.Authenticity]():       upTo(sdk.Ping).AsAny(),
			reflect.TypeFor[sdk.ErrorKind]():          upTo(sdk.KindPanic).AsAny(),
			reflect.TypeFor[sdk.Sent]():               upTo(sdk.NotSent).AsAny(),
			reflect.TypeFor[sdk.Kind]():               oneOf("", sdk.KindPayment, sdk.KindPayout, sdk.KindRefund),
			reflect.TypeFor[sdk.NextActionType](): oneOf("", sdk.ActionRedirect, sdk.ActionPrompt,
				sdk.ActionTransfer, sdk.ActionSignup, sdk.ActionExternal),
			reflect.TypeFor[sdk.FieldKind](): oneOf("", sdk.FieldString, sdk.FieldURL, sdk.FieldDuration,
				sdk.FieldBool, sdk.FieldInt, sdk.FieldList, sdk.FieldMap),
			reflect.TypeFor[sdk.Idempotency](): oneOf("", sdk.IdempotencyNone, sdk.IdempotencyKey,
				sdk.IdempotencyUniqueReference, sdk.IdempotencyHarmless),
			reflect.TypeFor[sdk.QueryBy](): oneOf("", sdk.QueryByNone, sdk.QueryByOurRef,
				sdk.QueryByProviderRef, sdk.QueryByList),
		},
		// A cause does not cross the border; what does is tested by itself.
		Fields: map[reflect.Type]map[string]*rapid.Generator[any]{
			reflect.TypeFor[sdk.Error](): {"Err": rapid.Just[error](nil).AsAny()},
		},
	})
}

func oneOf[T any](values ...T) *rapid.Generator[any] { return rapid.SampledFrom(values).AsAny() }

func upTo[T ~uint8](last T) *rapid.Generator[T] {
	return rapid.Custom(func(t *rapid.T) T { return T(rapid.Uint8Range(0, uint8(last)).Draw(t, "enum")) })
}

func instants() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "no time") {
			return time.Time{}
		}
		return time.Unix(rapid.Int64Range(0, 1<<32).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds"))
	})
}

func currencies() *rapid.Generator[money.Currency] { return rapid.SampledFrom(money.Currencies()) }

func amounts() *rapid.Generator[money.Amount] {
	return rapid.Custom(func(t *rapid.T) money.Amount {
		if rapid.Bool().Draw(t, "no amount") {
			return money.Amount{}
		}
		return money.Of(rapid.Int64().Draw(t, "minor"), currencies().Draw(t, "currency"))
	})
}

// headers have values that are no UTF-8: a signature may cover any bytes.
func headers() *rapid.Generator[http.Header] {
	values := rapid.SliceOf(rapid.Map(rapid.SliceOf(rapid.Byte()), func(raw []byte) string { return string(raw) }))
	return rapid.Map(rapid.MapOf(rapid.StringMatching(`[A-Z][a-z]{1,8}`), values),
		func(m map[string][]string) http.Header { return m })
}

func facts() *rapid.Generator[map[sdk.Kind]sdk.Facts] {
	return rapid.MapOf(rapid.SampledFrom([]sdk.Kind{sdk.KindPayment, sdk.KindPayout, sdk.KindRefund}), generated[sdk.Facts]())
}
