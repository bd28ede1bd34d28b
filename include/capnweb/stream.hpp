// stream.hpp: sequences of values that come one after the other, with back-pressure.
#pragma once

#include <capnweb/convert.hpp>
#include <capnweb/detail/callback.hpp>
#include <capnweb/detail/collect.hpp>
#include <capnweb/detail/sink.hpp>
#include <capnweb/detail/stream.hpp>
#include <capnweb/promise.hpp>
#include <capnweb/start.hpp>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace capnweb {

// What reading a stream gives: a T, or nothing at the end.
template <class T>
class Chunk : public std::optional<T> {
 public:
  using std::optional<T>::optional;
};

template <class T>
struct Convert<Chunk<T>> {
  static std::optional<Chunk<T>> decode(Value&& value, Mismatch& why) {
    auto* one = value.get_if<Array>();
    if (!one) return Chunk<T>();
    auto chunk = Convert<T>::decode(std::move(one->front()), why);
    if (!chunk) return std::nullopt;
    return Chunk<T>(*std::move(chunk));
  }
};

template <class T>
class WritableStream;

// JavaScript's ReadableStream: values to read, from a peer or from here. A handle: copies read the
// same stream, and each chunk goes to one of them. When the last one is dropped before the end, the
// writer is told that nobody reads any more (S-19). As an argument or a result it travels to the
// peer, who reads it then; chunks are any type that can cross, also stubs. One thread, that of its
// session.
//
//   capnweb::Task<double> sum(capnweb::ReadableStream<double> numbers) {
//     double sum = 0;
//     while (auto number = co_await numbers.read()) sum += *number;
//     co_return sum;
//   }
template <class T = Value>
class ReadableStream {
 public:
  using Item = T;

  // Empty: may only be assigned to, tested and destroyed.
  ReadableStream() noexcept = default;

  // The next chunk; empty at the end. Throws Error if the writer has failed or was let go before it
  // closed, if a chunk is no T, and for a stream that is on its way to somebody else. A write is
  // acknowledged when its chunk is taken here: reading slowly slows the writer down (S-15).
  Promise<Chunk<T>> read() const { return Promise<Chunk<T>>(detail::read_stream(hook_)); }

  // Ends it: the writer's outstanding and later writes fail with `reason` (S-18).
  void cancel(Error reason = Error("The stream was cancelled by its reader.")) const {
    detail::cancel_stream(hook_, std::move(reason));
  }

  // Moves all chunks on, until the end of either, which is the end of both. The promise fails with
  // what went wrong.
  Promise<void> pipe_to(const WritableStream<T>& target) const {
    return Promise<void>(detail::move_stream(hook_, target.hook()));
  }

  explicit operator bool() const noexcept { return static_cast<bool>(hook_); }
  // As a part of a Value; null if it is empty.
  operator Value() const { return hook_ ? Value(detail::ReadableRef{hook_}) : Value::null(); }

  // For the library.
  explicit ReadableStream(detail::HookRef hook) noexcept : hook_(std::move(hook)) {}
  const detail::HookRef& hook() const noexcept { return hook_; }

 private:
  detail::HookRef hook_;
};

// JavaScript's WritableStream: where values are written to, at a peer or here. A handle: copies
// write to the same stream. When the last one is dropped before close(), the reader hears of it as
// of an abort (S-6). As an argument or a result it travels to the peer, who writes to it then. One
// thread, that of its session.
//
//   co_await out.write("line");   // waits while the reader or the network is slower
//   co_await out.close();
template <class T = Value>
class WritableStream {
 public:
  using Item = T;

  // Empty: may only be assigned to, tested and destroyed.
  WritableStream() noexcept = default;

  // Sends a chunk, at once. The promise is done when the next one is welcome: as much is on its way
  // as the path to the reader holds (S-27 to S-31), or, for a local stream, until this one has been
  // taken. Who does not wait is not stopped, but fills memory. Fails if the stream has failed: then
  // so does everything after it; that a chunk has arrived is known only after close().
  template <class B = T>
    requires std::convertible_to<B, T>
  detail::Reply<void, B> write(B&& chunk) const {
    return detail::Reply<void, B>(
        detail::write_stream(hook_, Convert<T>::encode(static_cast<T>(std::forward<B>(chunk)))));
  }

  // Ends it in order; done when the reader has taken everything. Fails if any write did.
  Promise<void> close() const { return Promise<void>(detail::close_stream(hook_)); }

  // Ends it with an error: the reader hears `reason` at once, what it has not read is lost.
  Promise<void> abort(Error reason) const {
    return Promise<void>(detail::abort_stream(hook_, std::move(reason)));
  }

  explicit operator bool() const noexcept { return static_cast<bool>(hook_); }
  // As a part of a Value; null if it is empty.
  operator Value() const { return hook_ ? Value(detail::WritableRef{hook_}) : Value::null(); }

  // For the library.
  explicit WritableStream(detail::HookRef hook) noexcept : hook_(std::move(hook)) {}
  const detail::HookRef& hook() const noexcept { return hook_; }

 private:
  detail::HookRef hook_;
};

// Both ends of a stream: what is written to one is read from the other.
template <class T = Value>
struct StreamPipe {
  ReadableStream<T> readable;
  WritableStream<T> writable;
};

// A stream between two parts of the program, or between the program and a peer:
//
//   auto [lines, out] = capnweb::make_pipe<std::string>();
//   auto done = api->print(lines);
//   co_await out.write("first");
template <class T = Value>
StreamPipe<T> make_pipe() {
  auto [readable, writable] = detail::make_stream();
  return {ReadableStream<T>(std::move(readable)), WritableStream<T>(std::move(writable))};
}

namespace detail {

Error bad_chunk(const Mismatch& why);

template <class T, class OnChunk, class OnClose, class OnAbort>
class FunctionSink final : public Sink {
 public:
  FunctionSink(OnChunk on_chunk, OnClose on_close, OnAbort on_abort)
      : on_chunk_(std::move(on_chunk)),
        on_close_(std::move(on_close)),
        on_abort_(std::move(on_abort)) {
    check_callback<OnAbort, const Error&>();
  }

 private:
  HookRef write(Value value) override {
    Mismatch why;
    auto chunk = Convert<T>::decode(std::move(value), why);
    if (!chunk) return make_rejected(bad_chunk(why));
    return outcome_of([&]() -> decltype(auto) { return on_chunk_(*std::move(chunk)); });
  }
  HookRef close() override {
    return outcome_of([&]() -> decltype(auto) { return on_close_(); });
  }
  void abort(const Error& reason) override { on_abort_(reason); }

  template <class F>
  static HookRef outcome_of(F&& run) {
    using R = std::remove_cvref_t<decltype(run())>;
    if constexpr (is_a<R, Task>) {
      return start(run()).ref().hook;
    } else if constexpr (PromiseLike<R>) {
      return make_resolved(Value(run().ref()));
    } else {
      static_cast<void>(run());
      return make_resolved({});
    }
  }

  OnChunk on_chunk_;
  OnClose on_close_;
  OnAbort on_abort_;
};

}  // namespace detail

// A stream whose chunks go to functions. `on_chunk` is called for one chunk at a time; it may be a
// coroutine (Task<>), and the next chunk waits for its end, which is also what acknowledges the
// chunk. What it throws ends the stream, and the writer hears it. `on_close` is called after the
// last chunk, `on_abort` with the reason if the writer gave up, or was let go before it closed.
//
//   auto log = capnweb::make_sink<std::string>([](std::string line) { std::clog << line; });
template <class T = Value, class OnChunk, class OnClose, class OnAbort>
WritableStream<T> make_sink(OnChunk on_chunk, OnClose on_close, OnAbort on_abort) {
  using Functions = detail::FunctionSink<T, OnChunk, OnClose, OnAbort>;
  return WritableStream<T>(detail::make_sink_hook(
      std::make_unique<Functions>(std::move(on_chunk), std::move(on_close), std::move(on_abort))));
}
template <class T = Value, class OnChunk>
WritableStream<T> make_sink(OnChunk on_chunk) {
  return make_sink<T>(std::move(on_chunk), [] {}, [](const Error&) {});
}

// All bytes of a stream, or of the body of a Request or Response, which may also be null, a text or
// bytes at hand. Fails with a RangeError over `most` bytes.
inline constexpr std::size_t kMostBodyBytes = 64 * 1024 * 1024;
Promise<Bytes> read_bytes(const ReadableStream<Bytes>& stream, std::size_t most = kMostBodyBytes);
Promise<Bytes> read_bytes(const Value& body, std::size_t most = kMostBodyBytes);
// The same as text, which must be UTF-8.
Promise<std::string> read_text(const ReadableStream<Bytes>& stream,
                               std::size_t most = kMostBodyBytes);
Promise<std::string> read_text(const Value& body, std::size_t most = kMostBodyBytes);

template <class T>
struct Convert<ReadableStream<T>> {
  static constexpr bool kPromiseFree = true;
  static constexpr bool kFailsCleanly = true;
  static Value encode(const ReadableStream<T>& stream) { return stream; }
  static std::optional<ReadableStream<T>> decode(Value&& value, Mismatch& why) {
    if (auto* stream = value.get_if<detail::ReadableRef>())
      return ReadableStream<T>(std::move(stream->hook));
    return why.set("ReadableStream", value);
  }
};

template <class T>
struct Convert<WritableStream<T>> {
  static constexpr bool kPromiseFree = true;
  static constexpr bool kFailsCleanly = true;
  static Value encode(const WritableStream<T>& stream) { return stream; }
  static std::optional<WritableStream<T>> decode(Value&& value, Mismatch& why) {
    if (auto* stream = value.get_if<detail::WritableRef>())
      return WritableStream<T>(std::move(stream->hook));
    return why.set("WritableStream", value);
  }
};

}  // namespace capnweb
