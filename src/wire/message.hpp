// message.hpp: the kinds of messages (section 2 of the rules).
#pragma once

#include <optional>
#include <string_view>

#include "value/expected.hpp"
#include "value/json_tape.hpp"

namespace capnweb {

struct Parcel;

// A message whose shape is right; its expression is not evaluated yet.
struct Message {
  enum class Type { kPush, kStream, kPipe, kPull, kResolve, kReject, kRelease, kAbort };
  Type type = Type::kPush;
  double id = 0;  // as it was written: a fractional id is one that is not found (M-6)
  double count = 0;
  JsonView expression = {};
  bool has_expression = false;
  Parcel* parcel = nullptr;  // what it came as, if that is no text: then there is no expression
};

// "bad RPC message: ..." for whatever is none (M-42).
Expected<Message> read_message(JsonView json);

// The same for ["pull",id] and ["release",id,count] as they are usually written, without a space:
// each call has one of both, and they need no parsing. Nothing for every other text.
std::optional<Message> read_brief_message(std::string_view text) noexcept;

// The same for the push or stream of a method call, ["push",["pipeline",id,["method"],[...]]]. The
// arguments are not parsed: if they are one array, then the whole is this message.
struct BriefCall {
  bool is_stream = false;
  double id = 0;
  std::string_view method;
  std::string_view arguments;
};
std::optional<BriefCall> read_brief_call(std::string_view text) noexcept;

}  // namespace capnweb
