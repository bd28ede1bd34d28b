#include <capnweb/detail/collect.hpp>
#include <capnweb/detail/receiver.hpp>
#include <capnweb/detail/resolver.hpp>
#include <capnweb/detail/stream.hpp>
#include <capnweb/stream.hpp>
#include <stdexcept>
#include <utility>

#include "cap/map_recorder.hpp"
#include "cap/pipe.hpp"
#include "cap/pump.hpp"
#include "cap/readable_hook.hpp"
#include "cap/writable_hook.hpp"
#include "value/utf.hpp"

namespace capnweb {

namespace detail {

namespace {

template <class End>
Ref<End> end_of(const HookRef& hook) {
  auto* end = dynamic_cast<End*>(hook.get());
  if (!end)
    throw std::logic_error(
        "capnweb: this stream is empty: it was default-constructed or moved from");
  return Ref<End>(end);
}

// Nothing of a stream can be a part of a map's program, and what the callback of one does is not
// done.
void refuse_in_a_callback() {
  if (MapRecorder::current())
    throw Error(
        "Cannot use a stream inside a mapper function: it runs once, to be recorded. Write or read "
        "outside of it.");
}

}  // namespace

HookRef read_stream(const HookRef& readable) {
  refuse_in_a_callback();
  const auto source = end_of<ReadableHook>(readable);
  if (!source->is_locked()) return source->read();
  return make_rejected(Error::type_error("Invalid state: ReadableStream is locked"));
}

void cancel_stream(const HookRef& readable, Error reason) {
  refuse_in_a_callback();
  end_of<ReadableHook>(readable)->cancel(std::move(reason));
}

HookRef write_stream(const HookRef& writable, Value chunk) {
  refuse_in_a_callback();
  const auto target = end_of<WritableHook>(writable);
  HookRef answer = target->write(std::move(chunk));
  if (const Outcome* outcome = answer->outcome(); outcome && outcome->is_error()) return answer;
  HookRef room = target->ready();
  return room ? room : make_resolved({});
}

HookRef close_stream(const HookRef& writable) {
  refuse_in_a_callback();
  return end_of<WritableHook>(writable)->close();
}

HookRef abort_stream(const HookRef& writable, Error reason) {
  refuse_in_a_callback();
  return end_of<WritableHook>(writable)->abort(std::move(reason));
}

HookRef move_stream(const HookRef& readable, const HookRef& writable) {
  refuse_in_a_callback();
  return start_pump(end_of<ReadableHook>(readable), end_of<WritableHook>(writable));
}

std::pair<HookRef, HookRef> make_stream() {
  PipeEnds ends = make_pipe();
  return {std::move(ends.readable), std::move(ends.writable)};
}

Error bad_chunk(const Mismatch& why) {
  return Error::type_error("chunk" + why.path + ": expected " + why.expected + ", got " + why.got);
}

}  // namespace detail

// ---- Whole bodies

namespace {

detail::HookRef too_long(std::size_t most) {
  return detail::make_rejected(
      Error::range_error("The body is longer than " + std::to_string(most) + " bytes."));
}

detail::HookRef collect_body(const Value& body, std::size_t most) {
  if (const auto* stream = body.get_if<detail::ReadableRef>())
    return detail::collect_bytes(stream->hook, most);
  if (const auto* text = body.get_if<std::string>()) {
    if (text->size() > most) return too_long(most);
    return detail::make_resolved(Value(Bytes::from_text(*text)));
  }
  if (const auto* bytes = body.get_if<Bytes>()) {
    if (bytes->size() > most) return too_long(most);
    return detail::make_resolved(body);
  }
  if (body.is_null() || body.is_undefined()) return detail::make_resolved(Value(Bytes()));
  return detail::make_rejected(Error::type_error(
      "A body is null, a string, bytes or a stream, not " + std::string(body.kind_name()) + "."));
}

Task<std::string> decode_text(Promise<Bytes> whole) {
  const Bytes bytes = co_await whole;
  if (!is_valid_utf8(bytes.text())) throw Error::type_error("The body is not UTF-8 text.");
  co_return std::string(bytes.text());
}

}  // namespace

Promise<Bytes> read_bytes(const Value& body, std::size_t most) {
  return Promise<Bytes>(collect_body(body, most));
}

Promise<Bytes> read_bytes(const ReadableStream<Bytes>& stream, std::size_t most) {
  return read_bytes(Value(stream), most);
}

Promise<std::string> read_text(const Value& body, std::size_t most) {
  return start(decode_text(read_bytes(body, most)));
}

Promise<std::string> read_text(const ReadableStream<Bytes>& stream, std::size_t most) {
  return read_text(Value(stream), most);
}

}  // namespace capnweb
