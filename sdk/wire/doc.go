// Package wire carries the sdk over the process border: the handshake, the
// plugin sets for hashicorp/go-plugin, and the conversions between the sdk's
// types and the messages of sdk/proto/provider/v1, in both directions.
//
// The engine dispenses PluginName and gets a *Client; Client.Account is a
// sdk.FullProvider like any other. A plugin's process gives its Backend to
// ServerSets; sdk/serve does so for every plugin written with the sdk.
//
// What is lost on the way is never more certain on arrival: an enum value of a
// later version, an absent message and a call without an answer all read as
// unknown. An amount that cannot be read is an error, and so unknown too.
package wire
