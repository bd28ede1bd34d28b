// sink.hpp: what the application does with the chunks of a stream that is written to.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/error.hpp>
#include <capnweb/value.hpp>
#include <memory>

namespace capnweb::detail {

// Called for one thing at a time, never from inside of a writer's call. Exceptions fail the stream.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;

  // A chunk, whose promises have settled. Gives the promise that the next one is welcome.
  virtual HookRef write(Value chunk) = 0;
  // No more chunks.
  virtual HookRef close() = 0;
  // The writer has given up, or was let go before it closed.
  virtual void abort(const Error& reason) = 0;
};

// The writable end of a stream whose chunks go to `sink`.
HookRef make_sink_hook(std::unique_ptr<Sink> sink);

}  // namespace capnweb::detail
