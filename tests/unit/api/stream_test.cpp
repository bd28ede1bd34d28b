#include <gtest/gtest.h>

#include <capnweb/capnweb.hpp>
#include <memory>
#include <optional>
#include <sstream>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "support/pair.hpp"
#include "support/start.hpp"

namespace capnweb::testing {
namespace {

// "TypeError: text", or "none": what a promise fails with.
template <class T>
std::string failure(const Promise<T>& promise) {
  const auto text = std::make_shared<std::string>("pending");
  promise.then([text](auto&&...) { *text = "none"; },
               [text](const Error& error) { *text = error.what(); });
  return *text;
}

// "resolve 2, reject 3, ": what has been answered, in what order.
std::string ids_of(const std::string& answers) {
  std::string text;
  std::istringstream lines(answers);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t id = line.find(',') + 1;
    text += line.substr(2, id - 4) + ' ' + line.substr(id, line.find(',', id) - id) + ", ";
  }
  return text;
}

TEST(Stream, GivesChunksInOrderAndThenTheEnd) {
  auto [readable, writable] = make_pipe<int>();
  writable.write(1).detach();
  writable.write(2).detach();
  auto closed = writable.close();
  EXPECT_EQ(*readable.read().get(), 1);
  EXPECT_EQ(*readable.read().get(), 2);
  EXPECT_FALSE(readable.read().get());
  EXPECT_FALSE(readable.read().get());
  EXPECT_EQ(failure(closed), "none");
}

TEST(Stream, AWriteWaitsUntilItsChunkIsTaken_S15_S33) {
  auto [readable, writable] = make_pipe<int>();
  auto written = writable.write(1);
  bool is_done = false;
  written.then([&] { is_done = true; });
  EXPECT_FALSE(is_done);
  EXPECT_EQ(*readable.read().get(), 1);
  EXPECT_TRUE(is_done);
}

TEST(Stream, AReaderThatIsGoneTakesNoChunk) {
  auto [readable, writable] = make_pipe<int>();
  {
    auto dropped = readable.read();
  }
  auto read = readable.read();
  writable.write(1).detach();
  EXPECT_EQ(*read.get(), 1);
}

TEST(Stream, DroppingTheWriterFailsTheReader_S6) {
  auto [readable, writable] = make_pipe<int>();
  auto read = readable.read();
  writable = {};
  EXPECT_EQ(failure(read), "WritableStream RPC stub was disposed without calling close()");
}

TEST(Stream, DroppingTheReaderFailsTheWriter_S19) {
  auto [readable, writable] = make_pipe<int>();
  auto written = writable.write(1);
  readable = {};
  EXPECT_EQ(failure(written), "ReadableStream RPC stub was disposed without being consumed");
}

TEST(Stream, CancellingRejectsOutstandingAndLaterWrites_S18) {
  auto [readable, writable] = make_pipe<int>();
  auto first = writable.write(1);
  readable.cancel(Error::range_error("enough"));
  EXPECT_EQ(failure(first), "RangeError: enough");
  EXPECT_EQ(failure(writable.write(2)), "RangeError: enough");
  EXPECT_EQ(failure(writable.close()), "TypeError: Invalid state: WritableStream is closed");
}

TEST(Stream, AbortingLosesWhatWasNotRead_S17) {
  auto [readable, writable] = make_pipe<int>();
  auto first = writable.write(1);
  auto aborted = writable.abort(Error("gone"));
  EXPECT_EQ(failure(first), "gone");
  EXPECT_EQ(failure(aborted), "none");
  EXPECT_EQ(failure(readable.read()), "gone");
}

TEST(Stream, ClosedIsClosed) {
  auto [readable, writable] = make_pipe<int>();
  writable.close().detach();
  EXPECT_EQ(failure(writable.write(1)), "TypeError: Invalid state: WritableStream is closed");
  EXPECT_EQ(failure(writable.close()), "TypeError: Invalid state: Failure to close WritableStream");
}

TEST(Stream, AChunkOfAnotherTypeIsATypeError) {
  auto [readable, writable] = make_pipe<Value>();
  writable.write("text").detach();
  const ReadableStream<int> numbers(readable.hook());
  EXPECT_EQ(failure(numbers.read()), "TypeError: result: expected number, got string");
}

TEST(Stream, APromiseInAChunkIsSettledForItsReader_S4) {
  auto [readable, writable] = make_pipe<Value>();
  auto [promise, resolver] = make_promise<int>();
  writable.write(Value(Object{{"p", promise}})).detach();
  auto read = readable.read();
  resolver.resolve(7);
  EXPECT_EQ(*read.get(), Value(Object{{"p", 7}}));
}

TEST(Stream, AnEmptyStreamSaysSo) {
  const ReadableStream<int> readable;
  const WritableStream<int> writable;
  EXPECT_FALSE(readable);
  EXPECT_THROW(static_cast<void>(readable.read()), std::logic_error);
  EXPECT_THROW(static_cast<void>(writable.write(1)), std::logic_error);
}

TEST(Stream, PipeToMovesEverything) {
  auto [source, out] = make_pipe<int>();
  std::vector<int> seen;
  bool closed = false;
  const auto sink = make_sink<int>([&](int i) { seen.push_back(i); }, [&] { closed = true; },
                                   [](const Error&) {});
  auto moved = source.pipe_to(sink);
  for (int i = 0; i < 3; ++i) out.write(i).detach();
  out.close().detach();
  EXPECT_EQ(failure(moved), "none");
  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2}));
  EXPECT_TRUE(closed);
  EXPECT_EQ(failure(source.read()), "TypeError: Invalid state: ReadableStream is locked");
}

TEST(Stream, ALockedSourceIsNotMovedTwice_S13) {
  auto [source, out] = make_pipe<int>();
  auto [first_end, first] = make_pipe<int>();
  auto [second_end, second] = make_pipe<int>();
  auto moving = source.pipe_to(first);
  EXPECT_EQ(failure(source.pipe_to(second)), "TypeError: Invalid state: ReadableStream is locked");
  EXPECT_EQ(failure(second_end.read()), "TypeError: Invalid state: ReadableStream is locked");
}

// ---- Sinks

TEST(Sink, TakesOneChunkAtATime_S9) {
  std::vector<std::string> events;
  auto [gate, resolver] = make_promise<void>();
  auto sink = make_sink<int>(
      [&events, wait = gate](int i) -> Task<> {
        events.push_back("begin " + std::to_string(i));
        co_await wait;
        events.push_back("end " + std::to_string(i));
      },
      [&] { events.push_back("close"); }, [](const Error&) {});
  sink.write(1).detach();
  sink.write(2).detach();
  sink.close().detach();
  EXPECT_EQ(events, (std::vector<std::string>{"begin 1"}));
  resolver.resolve();
  EXPECT_EQ(events, (std::vector<std::string>{"begin 1", "end 1", "begin 2", "end 2", "close"}));
}

TEST(Sink, AFailureFailsAllThatFollows_S8) {
  auto sink = make_sink<int>([](int i) {
    if (i == 2) throw Error::range_error("disk full");
  });
  EXPECT_EQ(failure(sink.write(1)), "none");
  EXPECT_EQ(failure(sink.write(2)), "RangeError: disk full");
  EXPECT_EQ(failure(sink.write(3)), "RangeError: disk full");
}

TEST(Sink, HearsThatItsWriterIsGone_S6) {
  std::string reason = "none";
  auto sink = make_sink<int>([](int) {}, [] {}, [&](const Error& error) { reason = error.what(); });
  sink.write(1).detach();
  EXPECT_EQ(reason, "none");
  sink = {};
  EXPECT_EQ(reason, "WritableStream RPC stub was disposed without calling close()");
}

// ---- Generators

struct Guard {
  std::shared_ptr<bool> ended;
  explicit Guard(std::shared_ptr<bool> flag) : ended(std::move(flag)) {}
  ~Guard() { *ended = true; }
};

Generator<int> count(int limit, std::shared_ptr<int> made, std::shared_ptr<bool> ended) {
  const Guard guard(std::move(ended));
  for (int i = 1; i <= limit; ++i) {
    ++*made;
    co_yield i;
  }
}

TEST(Generator, RunsNoFurtherThanItsReader) {
  const auto made = std::make_shared<int>(0);
  const auto ended = std::make_shared<bool>(false);
  ReadableStream<int> stream = count(3, made, ended);
  EXPECT_EQ(*made, 0);
  EXPECT_EQ(*stream.read().get(), 1);
  EXPECT_EQ(*made, 1);
  EXPECT_EQ(*stream.read().get(), 2);
  EXPECT_EQ(*stream.read().get(), 3);
  EXPECT_FALSE(stream.read().get());
  EXPECT_TRUE(*ended);
}

TEST(Generator, IsDestroyedWhereItYieldedWhenNobodyReads_S19) {
  const auto made = std::make_shared<int>(0);
  const auto ended = std::make_shared<bool>(false);
  ReadableStream<int> stream = count(1000, made, ended);
  EXPECT_EQ(*stream.read().get(), 1);
  stream = {};
  EXPECT_TRUE(*ended);
  EXPECT_EQ(*made, 1);
}

Generator<int> waits(Promise<int> first, std::shared_ptr<bool> ended) {
  const Guard guard(std::move(ended));
  co_yield co_await first;
  co_yield 2;
}

TEST(Generator, MayAwaitBetweenItsChunks) {
  auto [promise, resolver] = make_promise<int>();
  const auto ended = std::make_shared<bool>(false);
  ReadableStream<int> stream = waits(promise, ended);
  auto first = stream.read();
  auto second = stream.read();
  auto end = stream.read();
  EXPECT_EQ(failure(first), "pending");
  resolver.resolve(1);
  EXPECT_EQ(*first.get(), 1);
  EXPECT_EQ(*second.get(), 2);
  EXPECT_FALSE(end.get());
}

TEST(Generator, IsNotDestroyedWhileItWaits) {
  auto [promise, resolver] = make_promise<int>();
  const auto ended = std::make_shared<bool>(false);
  ReadableStream<int> stream = waits(promise, ended);
  auto first = stream.read();
  stream.cancel(Error("enough"));
  stream = {};
  EXPECT_EQ(failure(first), "enough");
  EXPECT_FALSE(*ended);
  resolver.resolve(1);
  EXPECT_TRUE(*ended);
}

TEST(Generator, IsToldThatNobodyReadsWhileItWaits_M25_S19) {
  struct Service {
    std::optional<PromiseResolver<int>> gate;
    bool is_stopped = false;
    std::shared_ptr<bool> ended = std::make_shared<bool>(false);
    Generator<int> numbers(std::stop_token stop) {
      const Guard guard(ended);
      const std::stop_callback told(stop, [this] { is_stopped = true; });
      auto [first, resolver] = make_promise<int>();
      gate.emplace(std::move(resolver));
      co_yield co_await first;
      co_yield 2;
    }
    struct Rpc {
      Method<&Service::numbers> numbers;
    };
  };
  const auto service = std::make_shared<Service>();
  const Stub<Service> stub(service);
  ReadableStream<int> stream = stub->numbers().get();
  auto first = stream.read();
  EXPECT_FALSE(service->is_stopped);
  stream = {};
  EXPECT_TRUE(service->is_stopped);
  EXPECT_EQ(failure(first), "ReadableStream RPC stub was disposed without being consumed");
  EXPECT_FALSE(*service->ended);
  service->gate->resolve(1);
  EXPECT_TRUE(*service->ended);
}

Generator<int> breaks() {
  co_yield 1;
  throw Error::range_error("broke");
}

TEST(Generator, WhatItThrowsFailsTheStream_S17) {
  const ReadableStream<int> stream = breaks();
  EXPECT_EQ(*stream.read().get(), 1);
  EXPECT_EQ(failure(stream.read()), "RangeError: broke");
  EXPECT_EQ(failure(stream.read()), "RangeError: broke");
}

// ---- Bodies

TEST(Body, IsReadWholeWhateverItIs) {
  EXPECT_EQ(read_text(Value(nullptr)).get(), "");
  EXPECT_EQ(read_text(Value("text")).get(), "text");
  EXPECT_EQ(read_text(Value(Bytes::from_text("bytes"))).get(), "bytes");
  auto [readable, writable] = make_pipe<Bytes>();
  auto text = read_text(readable);
  writable.write(Bytes::from_text("a ")).detach();
  writable.write(Bytes::from_text("stream")).detach();
  writable.close().detach();
  EXPECT_EQ(text.get(), "a stream");
  EXPECT_EQ(failure(read_text(Value(5))),
            "TypeError: A body is null, a string, bytes or a stream, not number.");
}

TEST(Body, IsBounded) {
  auto [readable, writable] = make_pipe<Bytes>();
  auto bytes = read_bytes(readable, 4);
  writable.write(Bytes::from_text("12345")).detach();
  EXPECT_EQ(failure(bytes).substr(0, 11), "RangeError:");
  EXPECT_EQ(failure(writable.write(Bytes())).substr(0, 11), "RangeError:");
  EXPECT_EQ(failure(read_text(Value("12345"), 4)), "RangeError: The body is longer than 4 bytes.");
}

// ---- Over a session

TEST(Stream, APeerThatIgnoresTheWindowIsBounded_L8_S9) {
  Wire wire(Value(), {.limits = {.max_stream_buffer = 1000}});
  const std::string text(600, 'x');
  const std::string write = R"(["stream",["pipeline",1,["write"],[")" + text + R"("]]])";
  const std::string error =
      R"(["error","RangeError","More than 1000 bytes of this session's streams wait to be read; )"
      R"(write no faster than writes are acknowledged, or raise Limits::max_stream_buffer."])";
  EXPECT_EQ(wire.send({R"(["pipe"])", write, write}),
            R"(["reject",2,)" + error + "]\n" + R"(["reject",3,)" + error + "]\n");
  EXPECT_EQ(wire.session.end_reason(), nullptr);
}

// A sink that is busy with its first chunk until the test says so.
struct BusySink {
  explicit BusySink(std::size_t buffer) : wire(sink, {.limits = {.max_stream_buffer = buffer}}) {
    wire.send({R"(["push",["pipeline",0]])", R"(["pull",1])"});
  }
  std::string write(const std::string& chunk) {
    return wire.send({R"(["stream",["pipeline",-1,["write"],[")" + chunk + R"("]]])"});
  }

  std::pair<Promise<void>, PromiseResolver<void>> busy = make_promise<void>();
  Value sink = Object{{"sink", make_sink<std::string>([this](std::string) { return busy.first; })}};
  Wire wire;
};

TEST(Stream, AWriteOverTheBudgetIsAnsweredBehindThoseBefore_S9) {
  BusySink stream(1000);
  EXPECT_EQ(stream.write("first"), "");
  EXPECT_EQ(stream.write("second"), "");
  EXPECT_EQ(stream.write(std::string(900, 'x')), "") << "the first is not done yet";
  EXPECT_EQ(stream.write("late"), "");
  EXPECT_EQ(stream.wire.send({R"(["stream",["pipeline",-1,["close"],[]]])"}), "");
  stream.busy.second.resolve();
  const std::string answers = stream.wire.answers();
  EXPECT_EQ(ids_of(answers), "resolve 2, reject 3, reject 4, reject 5, reject 6, ") << answers;
}

TEST(Stream, TheWriteThatFailsIsAnsweredFirst_S8_S9) {
  BusySink stream(100'000);
  for (const char* chunk : {"first", "second", "third"}) EXPECT_EQ(stream.write(chunk), "");
  stream.busy.second.reject(Error("full"));
  const std::string answers = stream.wire.answers();
  EXPECT_EQ(ids_of(answers), "reject 2, reject 3, reject 4, ") << answers;
}

TEST(Stream, AnAbortIsAnsweredBehindTheWriteUnderWay_S9) {
  BusySink stream(100'000);
  for (const char* chunk : {"first", "second"}) EXPECT_EQ(stream.write(chunk), "");
  EXPECT_EQ(stream.wire.send({R"(["stream",["pipeline",-1,["abort"],["enough"]]])"}), "");
  stream.busy.second.resolve();
  const std::string answers = stream.wire.answers();
  EXPECT_EQ(ids_of(answers), "resolve 2, reject 3, resolve 4, ") << answers;
}

struct Source {
  Generator<int> numbers() {
    for (int i = 0;; ++i) co_yield i;
  }
  struct Rpc {
    Method<&Source::numbers> numbers;
  };
};

TEST(Stream, TheEndOfTheSessionFailsBothEnds_S6) {
  Pair pair(Stub<Source>(std::make_shared<Source>()));
  auto promise = pair.alice.remote_main().as<Source>()->numbers();
  std::optional<ReadableStream<int>> stream;
  promise.then([&](ReadableStream<int> numbers) { stream = std::move(numbers); });
  pair.run();
  ASSERT_TRUE(stream);
  pair.alice.close();
  pair.bob.disconnected(Error("gone"));
  std::string last = "none";
  for (int i = 0; i < 100'000 && last == "none"; ++i) last = failure(stream->read());
  EXPECT_EQ(last, "WritableStream RPC stub was disposed without calling close()");
}

}  // namespace
}  // namespace capnweb::testing
