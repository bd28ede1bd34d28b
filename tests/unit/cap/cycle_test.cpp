// cycle_test.cpp: circles of promises and streams that a peer may try to make. Those of promises
// alone are in promise_test.cpp.
#include <gtest/gtest.h>

#include <capnweb/detail/call_meter.hpp>
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

// What a promise that is resolved with `value` fails with.
std::string failure_of(Value value) {
  Resolver resolver;
  const HookRef hook = resolver.promise();
  resolver.resolve(std::move(value));
  const detail::Outcome* outcome = hook->outcome();
  return outcome && outcome->is_error() ? outcome->error().what() : "";
}

TEST(Cycle, AResultOfAnySizeIsNoCircle) {
  Resolver open;
  const HookRef inner = open.promise();
  Array results;
  for (int i = 0; i < 150'000; ++i)
    results.push_back(promise(detail::make_resolved(Object{{"inner", promise(inner)}})));
  EXPECT_EQ(failure_of(Value(std::move(results))), "");
}

// Promises that each name the one before.
HookRef make_row(Value first) {
  HookRef last = detail::make_resolved(Array{std::move(first)});
  for (int i = 0; i < 20'000; ++i) last = detail::make_resolved(Array{promise(std::move(last))});
  return last;
}

detail::Ref<detail::CallMeter> make_meter() {
  return detail::make_ref<detail::CallMeter>(std::size_t{10'000}, std::size_t{0}, std::size_t{0});
}

TEST(Cycle, APeerCannotHaveThemSearchedForAgainAndAgain_L8) {
  constexpr const char* kRefused =
      "RangeError: Too many results that name one another are searched for circles, again and "
      "again; release some, or send what they hold.";
  Resolver open;
  const HookRef row = make_row(promise(open.promise()));
  const auto meter = make_meter();
  const detail::CallMeter::Scope metered(meter);
  EXPECT_EQ(failure_of(promise(row)), "");
  for (int i = 0; i < 100; ++i) failure_of(promise(row));
  EXPECT_EQ(failure_of(promise(row)), kRefused);
  EXPECT_EQ(failure_of(Array{5, promise(detail::make_resolved(6))}), "");
  const auto another = make_meter();
  const detail::CallMeter::Scope now(another);
  EXPECT_EQ(failure_of(promise(row)), "");
}

TEST(Cycle, WhatCannotChangeIsSearchedOnce) {
  const HookRef row = make_row(5);
  const auto meter = make_meter();
  const detail::CallMeter::Scope metered(meter);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(failure_of(promise(row)), "");
}

}  // namespace
}  // namespace capnweb::testing
