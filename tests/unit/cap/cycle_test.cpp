// cycle_test.cpp: circles of promises and streams that a peer may try to make. Those of promises
// alone are in promise_test.cpp.
#include <gtest/gtest.h>

#include <capnweb/detail/resolver.hpp>
#include <capnweb/detail/sink.hpp>
#include <memory>
#include <string>
#include <utility>

#include "cap/pipe.hpp"
#include "support/awaited.hpp"
#include "support/object.hpp"

namespace capnweb::testing {
namespace {

using detail::HookRef;
using detail::make_pipe;
using detail::PipeEnds;
using detail::ReadableRef;
using detail::Resolver;

TEST(Cycle, AStreamCannotBeWrittenToItself) {
  PipeEnds pipe = make_pipe();
  Awaited written(pipe.writable->write(Array{ReadableRef{pipe.readable}}));
  EXPECT_EQ(written.failure(), "TypeError: A stream can't be written to itself.");
  Awaited read(pipe.readable->read());
  EXPECT_EQ(read.failure(), "TypeError: A stream can't be written to itself.");
}

TEST(Cycle, StreamsCannotBeWrittenToOneAnother) {
  PipeEnds one = make_pipe();
  PipeEnds two = make_pipe();
  Awaited first(one.writable->write(ReadableRef{two.readable}));
  Awaited second(two.writable->write(ReadableRef{one.readable}));
  EXPECT_FALSE(first.is_done());
  EXPECT_EQ(second.failure(), "TypeError: A stream can't be written to itself.");
}

TEST(Cycle, APromiseCannotBeResolvedWithAStreamThatHoldsIt) {
  PipeEnds pipe = make_pipe();
  Resolver resolver;
  HookRef hook = resolver.promise();
  Awaited awaited(hook);
  pipe.writable->write(promise(std::exchange(hook, nullptr)));
  resolver.resolve(ReadableRef{pipe.readable});
  EXPECT_EQ(awaited.failure(), "TypeError: A promise can't be resolved with itself.");
}

class IdleSink final : public detail::Sink {
 public:
  HookRef write(Value) override { return detail::make_resolved({}); }
  HookRef close() override { return detail::make_resolved({}); }
  void abort(const Error&) override {}
};

TEST(Cycle, AChunkCannotWaitForItsOwnAcknowledgement) {
  const HookRef sink = detail::make_sink_hook(std::make_unique<IdleSink>());
  Resolver chunk;
  const HookRef written = call(sink, {"write"}, {promise(chunk.promise())});
  Awaited awaited(written);
  chunk.resolve(promise(written));
  EXPECT_EQ(awaited.failure(), "TypeError: A promise can't be resolved with itself.");
}

}  // namespace
}  // namespace capnweb::testing
