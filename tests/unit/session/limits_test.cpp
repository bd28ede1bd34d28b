// What a peer may use of a session (L-8): each limit, what happens over it, and without it.
#include <gtest/gtest.h>

#include <capnweb/limits.hpp>
#include <capnweb/session.hpp>
#include <capnweb/stream.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "session/session_core.hpp"
#include "support/awaited.hpp"
#include "support/object.hpp"
#include "support/pair.hpp"
#include "support/parcel_pair.hpp"

namespace capnweb::testing {
namespace {

using detail::Arguments;

constexpr std::string_view kTooManyCalls =
    R"(["error","RangeError","Too many calls of this session are running: 3; wait until some have )"
    R"(ended, or raise the callee's Limits::max_calls."])";
constexpr std::string_view kTooMuchHeld =
    R"(["error","RangeError","Too many results and capabilities are held by the peer: 5; it must )"
    R"(release some, or Limits::max_exports be raised."])";

std::string push(std::string_view expression) {
  return "[\"push\"," + std::string(expression) + "]";
}
std::string pull(int id) { return "[\"pull\"," + std::to_string(id) + "]"; }
std::string release(int id) { return "[\"release\"," + std::to_string(id) + ",1]"; }
std::string rejected(int id, std::string_view error) {
  return "[\"reject\"," + std::to_string(id) + "," + std::string(error) + "]\n";
}
std::string aborted(std::string_view error) { return "[\"abort\"," + std::string(error) + "]\n"; }

// A main object with a call that ends when the test says so.
class Server {
 public:
  explicit Server(Limits limits = {.max_calls = 3}) : wire(main, {.limits = limits}) {}

  std::size_t calls() const { return wire.session.stats().calls; }
  // Pushes something and releases it at once, again and again.
  void push_and_release(int count, std::string_view expression) {
    for (int i = 0; i < count; ++i) wire.send({push(expression), release(next_id++)});
  }
  // What a push is answered with.
  std::string ask(std::string_view expression) {
    return wire.send({push(expression), pull(next_id++)});
  }

  detail::Resolver gate;
  int echoes = 0;
  int next_id = 1;
  const Value main = target(
      {
          {"gate", [this](Array&) { return promise(gate.promise()); }},
          {"echo",
           [this](Array& arguments) {
             ++echoes;
             return arguments.empty() ? Value() : arguments[0];
           }},
      },
      {}, {{"name", [] { return Value("srv"); }}});
  Wire wire;
};

// ---- Calls

TEST(Limits, BoundCallsThatWaitOnAnOpenPromise_L8) {
  Server server;
  server.wire.send({push(R"(["pipeline",0,["gate"],[]])")});
  server.next_id = 2;
  server.push_and_release(2, R"(["pipeline",1,["f"],[]])");
  server.push_and_release(1, R"(["pipeline",1,["name"]])");
  EXPECT_EQ(server.calls(), 3U);
  for (std::string_view one_too_many : {R"(["pipeline",1,["f"],[]])", R"(["pipeline",1,["name"]])",
                                        R"(["remap",1,[],[],[["pipeline",0]]])"}) {
    const std::string answer = server.ask(one_too_many);
    EXPECT_EQ(answer, rejected(server.next_id - 1, kTooManyCalls));
  }
  EXPECT_EQ(server.calls(), 3U);

  int delivered = 0;
  server.gate.resolve(target({{"f", [&](Array&) { return Value(++delivered); }}}));
  EXPECT_EQ(delivered, 2);
  EXPECT_EQ(server.calls(), 0U);
  EXPECT_EQ(server.ask(R"(["pipeline",1,["f"],[]])"), "[\"resolve\",8,3]\n");
}

TEST(Limits, BoundCallsThatWaitForTheirArguments_L8) {
  Server server;
  for (int i = 1; i <= 3; ++i)
    server.push_and_release(1,
                            R"(["pipeline",0,["echo"],[["promise",-)" + std::to_string(i) + "]]]");
  EXPECT_EQ(server.calls(), 3U);
  // Not even what would end at once: who cannot know that, cannot let it in.
  EXPECT_EQ(server.ask(R"(["pipeline",0,["echo"],[1]])"), rejected(4, kTooManyCalls));
  EXPECT_EQ(server.ask(R"(["pipeline",0,["name"]])"), rejected(5, kTooManyCalls));
  EXPECT_EQ(server.wire.send({R"(["resolve",-2,5])"}), "[\"release\",-2,1]\n");
  EXPECT_EQ(server.echoes, 1) << "released, but made (M-25)";
  EXPECT_EQ(server.calls(), 2U);
  EXPECT_EQ(server.ask(R"(["pipeline",0,["echo"],[1]])"), "[\"resolve\",6,1]\n");
  server.wire.send({R"(["reject",-1,0])", R"(["reject",-3,0])"});
  EXPECT_EQ(server.calls(), 0U);
  EXPECT_EQ(server.wire.session.end_reason(), nullptr);
}

TEST(Limits, CountACallOnceAsItGoesFromQueueToQueue_L8) {
  Server server;
  server.wire.send({push(R"(["pipeline",0,["gate"],[]])")});
  server.next_id = 2;
  for (int i = 1; i <= 3; ++i)
    server.push_and_release(1, R"(["pipeline",1,["f"],[["promise",-)" + std::to_string(i) + "]]]");
  int delivered = 0;
  server.gate.resolve(target({{"f", [&](Array&) { return Value(++delivered); }}}));
  EXPECT_EQ(server.calls(), 3U) << "now they wait for their arguments";
  EXPECT_EQ(server.ask(R"(["pipeline",0,["echo"],[]])"), rejected(5, kTooManyCalls));
  server.wire.send({R"(["resolve",-1,1])", R"(["resolve",-2,1])", R"(["resolve",-3,1])"});
  EXPECT_EQ(delivered, 3);
  EXPECT_EQ(server.calls(), 0U);
}

TEST(Limits, CountCallsInEveryMessage_L8) {
  Server server;
  server.wire.send({R"(["resolve",7,["pipeline",0,["echo"],[["promise",-1]]]])",
                    push(R"({"a":["pipeline",0,["echo"],[["promise",-2]]],)"
                         R"("b":["pipeline",0,["echo"],[["promise",-3]]],)"
                         R"("c":["pipeline",0,["echo"],[["promise",-4]]]})")});
  EXPECT_EQ(server.calls(), 3U);
  EXPECT_EQ(server.wire.send({pull(1)}),
            "[\"resolve\",1,{\"a\":[\"promise\",-1],\"b\":[\"promise\",-2],\"c\":[\"promise\",-3]}]"
            "\n" +
                rejected(-3, kTooManyCalls));
}

TEST(Limits, ACallThatIsRefusedReleasesItsArguments_L8_O23) {
  Server server({.max_calls = 0});
  EXPECT_EQ(server.wire.send({push(R"(["pipeline",0,["echo"],[["export",-9]]])")}),
            "[\"release\",-9,1]\n");
  EXPECT_EQ(server.echoes, 0);
}

TEST(Limits, DoNotCountCallsThatHaveEnded_L8) {
  Server server;
  for (int i = 0; i < 100; ++i)
    server.wire.send({push(R"(["pipeline",0,["echo"],[1]])"), pull(server.next_id++)});
  EXPECT_EQ(server.wire.session.stats(), (Session::Stats{1, 101, 0})) << "answered, not released";
}

TEST(Limits, DoNotCountCallsOfTheApplication_L8) {
  Server server({.max_calls = 0});
  detail::Resolver open;
  Awaited call(hook_of(server.main)->call(Path{"echo"}, Arguments{{promise(open.promise())}}));
  EXPECT_EQ(call.failure(), "pending");
  open.resolve(Value(5));
  EXPECT_EQ(call.value(), Value(5));
}

TEST(Limits, CountOnlyTheCallsOfTheirOwnSession_L8) {
  // Two sessions over one object: what one peer's calls wait for, another's do not pay for.
  detail::Resolver open;
  const Value main = target({{"wait", [&](Array&) { return promise(open.promise()); }}});
  Wire greedy(main, {.limits = {.max_calls = 1}});
  Wire modest(main, {.limits = {.max_calls = 1}});
  greedy.send({push(R"(["pipeline",0,["wait"],[]])"), push(R"(["pipeline",1,["f"],[]])")});
  EXPECT_EQ(greedy.session.stats().calls, 1U);
  EXPECT_EQ(modest.session.stats().calls, 0U);
  modest.send({push(R"(["pipeline",0,["wait"],[]])"), push(R"(["pipeline",1,["f"],[]])")});
  EXPECT_EQ(modest.session.stats().calls, 1U);
}

// ---- Tables

TEST(Limits, BoundWhatThePeerHolds_L8) {
  Server server({.max_exports = 5});
  for (int i = 0; i < 4; ++i) EXPECT_EQ(server.wire.send({push("1")}), "");
  EXPECT_EQ(server.wire.send({push("1")}), aborted(kTooMuchHeld));
}

TEST(Limits, BoundAnswersThatAreOwedForReleasedCalls_L8_M25) {
  Server server({.max_exports = 5});
  for (int id = 1; id <= 4; ++id)
    server.wire.send({push(R"(["pipeline",0,["gate"],[]])"), pull(id), release(id)});
  EXPECT_EQ(server.wire.session.stats().exports, 1U);
  EXPECT_EQ(server.wire.send({push("1")}), aborted(kTooMuchHeld));
}

TEST(Limits, SendTheAnswersThatAreOwedForReleasedCalls_M25) {
  Server server;
  for (int id = 1; id <= 4; ++id)
    server.wire.send({push(R"(["pipeline",0,["gate"],[]])"), pull(id), release(id)});
  server.gate.resolve(Value(5));
  EXPECT_EQ(server.wire.answers(),
            "[\"resolve\",1,5]\n[\"resolve\",2,5]\n[\"resolve\",3,5]\n[\"resolve\",4,5]\n");
  EXPECT_TRUE(server.wire.session.is_drained());
}

TEST(Limits, ACallOfOursThatWouldOfferTooMuchFailsAlone_L8) {
  Wire wire({}, {.limits = {.max_exports = 5}});
  const Value callback = function([](Array&) { return Value(); });
  const auto peer = wire.session.remote_main().hook();
  Awaited call(peer->call(Path{"watch"}, Arguments{Array(5, callback)}));
  EXPECT_EQ(call.failure(),
            "RangeError: Too many results and capabilities are held by the peer: 5; it must "
            "release some, or Limits::max_exports be raised.");
  EXPECT_EQ(wire.answers(), "");
  EXPECT_EQ(wire.session.stats(), (Session::Stats{1, 1})) << "what it offered is taken back";
  Awaited smaller(peer->call(Path{"watch"}, Arguments{Array(4, callback)}));
  EXPECT_EQ(wire.session.stats().exports, 5U);
}

// Three captures, and room for two of them.
detail::MapProgram map_of_three() {
  detail::MapProgram program;
  for (int i = 0; i < 3; ++i) program.captures.push_back(function([](Array&) { return Value(); }));
  program.instructions = R"([["import",-1]])";
  return program;
}

TEST(Limits, AMapOfOursThatWouldOfferTooMuchOffersNothing_L8_O24) {
  Server server({.max_exports = 3});
  Awaited map(server.wire.session.remote_main().hook()->map(Path{"ids"}, map_of_three()));
  EXPECT_NE(map.failure().find("Too many results and capabilities"), std::string::npos);
  EXPECT_EQ(server.wire.answers(), "");
  EXPECT_EQ(server.wire.session.stats().exports, 1U);
}

TEST(Limits, SoDoesOneWithoutText_L8_O24) {
  ParcelPair pair(Value(), Value(), {.limits = {.max_exports = 3}});
  Awaited map(pair.alice.remote_main().hook()->map(Path{"ids"}, map_of_three()));
  EXPECT_NE(map.failure().find("Too many results and capabilities"), std::string::npos);
  EXPECT_EQ(pair.alice.stats().exports, 1U);
}

TEST(Limits, AWriteThatIsTooLongForABatchOffersNothing_T10_O24) {
  auto core = detail::make_ref<detail::SessionCore>(
      Value(), SessionOptions{.limits = {.max_stream_buffer = 1000}});
  core->send_without_answers();
  const auto write = [&](std::size_t size) {
    Array chunk{std::string(size, 'x'), function([](Array&) { return Value(); })};
    return core->remote_main()->stream(Path{"write"}, Arguments{{std::move(chunk)}}).answer;
  };
  Awaited short_one(write(500)), too_long(write(500));
  EXPECT_EQ(short_one.failure(), "");
  EXPECT_EQ(core->stats().exports, 2U);
  EXPECT_EQ(too_long.failure(),
            "RangeError: A stream is too long for a batch, which must hold all of it: more than "
            "1000 bytes; use a WebSocket, or raise Limits::max_stream_buffer.");
}

TEST(Limits, AResultThatWouldOfferTooMuchIsAReject_L8_M33) {
  const Value callback = function([](Array&) { return Value(); });
  Wire wire(target({{"many", [&](Array&) { return Value(Array(9, callback)); }}}),
            {.limits = {.max_exports = 5}});
  EXPECT_EQ(wire.send({push(R"(["pipeline",0,["many"],[]])"), pull(1)}), rejected(1, kTooMuchHeld));
  EXPECT_EQ(wire.session.end_reason(), nullptr);
}

TEST(Limits, BoundWhatThePeerOffers_L8) {
  for (std::string_view kind : {"export", "promise"}) {
    Server server({.max_imports = 3});
    std::string offers = "[\"push\",[\"pipeline\",0,[\"echo\"],[";
    for (int id = 1; id <= 4; ++id)
      offers += "[\"" + std::string(kind) + "\",-" + std::to_string(id) + "],";
    offers.back() = ']';
    const std::string answer = server.wire.send({offers + "]]"});
    EXPECT_NE(answer.find(R"(["abort",["error","RangeError","Too many calls and capabilities of )"
                          R"(this session are in use: 3;)"),
              std::string::npos)
        << answer;
    EXPECT_EQ(server.echoes, 0);
  }
}

TEST(Limits, ACallOfOursOverThemFailsAlone_L8) {
  Wire wire({}, {.limits = {.max_imports = 2}});
  const auto peer = wire.session.remote_main().hook();
  const auto first = peer->get(Path{"a"});
  const auto second = peer->call(Path{"b"}, Arguments{});
  Awaited get(peer->get(Path{"c"}));
  Awaited call(peer->call(Path{"d"}, Arguments{}));
  EXPECT_EQ(get.failure(), call.failure());
  EXPECT_EQ(call.failure(),
            "RangeError: Too many calls and capabilities of this session are in use: 2; release "
            "some, or raise Limits::max_imports.");
  wire.send({R"(["resolve",1,5])"});
  EXPECT_EQ(Awaited(peer->get(Path{"c"})).failure(), "pending");
}

// ---- Answers

TEST(Limits, BoundAnswersThatAreNotTaken_L8) {
  Server server({.max_unsent_answers = 3000});
  const std::string text(1000, 'x');
  server.wire.session.receive(push(R"({"a":")" + text + R"("})"));
  // One short message asks for the same text ten times.
  std::string ten = "[";
  for (int i = 0; i < 10; ++i) ten += R"(["pipeline",1,["a"]],)";
  ten.back() = ']';
  const std::string answers = server.wire.send({push('[' + ten + ']'), pull(2)});
  EXPECT_LT(answers.size(), 6000U);
  EXPECT_NE(
      answers.find("[\"resolve\",-3,\"" + text +
                   "\"]\n[\"reject\",-4,[\"error\","
                   "\"RangeError\",\"More than 3000 bytes of answers wait to be sent; ask for "
                   "less at once, or raise the callee's Limits::max_unsent_answers.\"]]\n"),
      std::string::npos)
      << answers;
  EXPECT_NE(answers.find("[\"reject\",-10,"), std::string::npos);
  // All is taken: there is room again.
  EXPECT_EQ(server.wire.send({push(R"(["pipeline",1,["a"]])"), pull(3)}),
            "[\"resolve\",3,\"" + text + "\"]\n");
}

TEST(Limits, BoundRejectionsThatAreNotTaken_L8) {
  Server server({.max_unsent_answers = 3000});
  for (int id = 1; id <= 10; ++id)
    server.wire.session.receive(push(R"(["pipeline",0,["gate"],[]])"));
  for (int id = 1; id <= 10; ++id) server.wire.session.receive(pull(id));
  server.gate.reject(Error(std::string(1000, 'x')));
  const std::string answers = server.wire.answers();
  EXPECT_LT(answers.size(), 6000U);
  EXPECT_NE(answers.find("\"More than 3000 bytes of answers"), std::string::npos);
}

TEST(Limits, DoNotCountWhatTheApplicationSends_L8) {
  Server server({.max_unsent_answers = 100});
  const auto peer = server.wire.session.remote_main().hook();
  Awaited call(peer->call(Path{"f"}, Arguments{{std::string(1000, 'x')}}));
  server.wire.session.receive(push("1"));
  server.wire.session.receive(pull(1));
  EXPECT_NE(server.wire.answers().find("[\"resolve\",1,1]"), std::string::npos);
}

// ---- Copies

constexpr std::string_view kTooManyCopies =
    R"(["error","RangeError","More than 4500 bytes of properties and elements that this session )"
    R"(has read are held; release some, or raise the callee's Limits::max_copies."])";

// A peer that asks for one large text by short messages.
class Copies : public ::testing::TestWithParam<std::string_view> {};

TEST_P(Copies, AreBoundedAndCountUntilTheyAreReleased_L8) {
  Server server({.max_copies = 4500});
  server.wire.send({push(R"({"a":[[")" + std::string(1000, 'x') + R"("]]})")});
  server.next_id = 5;
  for (int i = 0; i < 3; ++i) server.wire.send({push(GetParam())});
  const auto is_refused = [&] {
    return server.ask(GetParam()).find(kTooManyCopies) != std::string::npos;
  };
  EXPECT_TRUE(is_refused());
  server.wire.send({release(3)});
  EXPECT_FALSE(is_refused());
  EXPECT_TRUE(is_refused());
  EXPECT_EQ(server.wire.session.end_reason(), nullptr);
}

TEST(Limits, CountSmallElementsOfMapsToo_L8) {
  Server server({.max_copies = 10'000});
  std::string hundred = "1";
  for (int i = 1; i < 100; ++i) hundred += ",1";
  server.wire.send({push("[[" + hundred + "]]")});
  server.next_id = 2;
  EXPECT_NE(server.ask(R"(["remap",1,[],[],[["pipeline",0]]])").find("Limits::max_copies"),
            std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Limits, Copies,
    ::testing::Values(R"(["pipeline",1,["a"]])", R"(["pipeline",1,["a",0]])",
                      R"(["remap",1,["a"],[],[["pipeline",0]]])",
                      R"(["remap",1,["a"],[],[["pipeline",0,[]],["pipeline",1]]])"));

TEST(Limits, DoNotCountWhatTheApplicationCopies_L8) {
  Server server({.max_copies = 0});
  const auto value = detail::make_resolved(Object{{"a", std::string(1000, 'x')}});
  EXPECT_EQ(Awaited(value->get(Path{"a"})).failure(), "");
}

// ---- Streams

constexpr std::string_view kTooMuchUnread =
    R"(["error","RangeError","More than 4096 bytes of this session's streams wait to be read; )"
    R"(write no faster than writes are acknowledged, or raise Limits::max_stream_buffer."])";

std::string write(std::string_view stream, std::string_view chunk) {
  return "[\"pipeline\"," + std::string(stream) + ",[\"write\"],[" + std::string(chunk) + "]]";
}
const std::string kKilobyte = '"' + std::string(1000, 'x') + '"';

// A peer that writes without waiting to streams that nobody reads.
TEST(Limits, BoundWhatWaitsInPipes_L8) {
  Server server({.max_stream_buffer = 4096});
  server.wire.send({R"(["pipe"])", push(R"(["pipeline",0,["echo"],[["readable",1]]])")});
  server.next_id = 3;
  server.push_and_release(3, write("1", kKilobyte));
  EXPECT_EQ(server.ask(write("1", kKilobyte)), rejected(6, kTooMuchUnread));
  EXPECT_EQ(server.ask(write("1", "1")), rejected(7, kTooMuchUnread)) << "it has failed for good";
  // What waited is gone: another stream has room again.
  server.wire.send({R"(["pipe"])"});
  server.next_id = 9;
  server.push_and_release(3, write("8", kKilobyte));
  EXPECT_EQ(server.wire.session.end_reason(), nullptr);
}

TEST(Limits, CountChunksOfEveryKind_L8) {
  const std::string text(1000, 'x');
  const std::string digits(1000, '7');
  std::string deep = kKilobyte;
  for (int i = 0; i < 100; ++i) deep = "[[" + deep + "]]";
  for (const std::string& chunk :
       {R"(["error","Error",")" + text + "\"]", R"(["error","Error","",")" + text + "\"]",
        R"(["error","Error","",null,{"cause":")" + text + "\"}]",
        R"(["bigint",")" + digits + digits + digits + "\"]", R"(["url","http://a/)" + text + "\"]",
        R"(["headers",[["a",")" + text + "\"]]]", R"(["request","http://a/)" + text + "\",{}]",
        R"(["response",null,{"statusText":")" + text + "\"}]", deep}) {
    Server server({.max_stream_buffer = 8192});
    server.wire.send({R"(["pipe"])"});
    server.next_id = 2;
    server.push_and_release(8, write("1", chunk));
    EXPECT_NE(server.ask(write("1", "1")).find("bytes of this session's streams"),
              std::string::npos)
        << chunk.substr(0, 20);
  }
}

TEST(Limits, BoundWhatWaitsForSinks_L8) {
  auto [open, resolver] = make_promise<void>();
  std::vector<std::string> taken;
  const auto on_chunk = [&taken, until = open](std::string chunk) {
    taken.push_back(std::move(chunk));
    return until;
  };
  const auto sink = make_sink<std::string>(on_chunk);
  Wire wire(function([&](Array&) { return Value(sink); }), {.limits = {.max_stream_buffer = 4096}});
  EXPECT_EQ(wire.send({push(R"(["pipeline",0,[],[]])"), pull(1)}),
            "[\"resolve\",1,[\"writable\",-1]]\n");
  // The first is with the sink, and counts no more.
  for (int id = 2; id <= 5; ++id) wire.send({push(write("-1", kKilobyte)), release(id)});
  EXPECT_EQ(taken.size(), 1U);
  EXPECT_EQ(wire.send({"[\"stream\"," + write("-1", kKilobyte) + "]"}), "") << "S-9";
  resolver.resolve();
  EXPECT_EQ(wire.answers(), rejected(6, kTooMuchUnread));
  EXPECT_EQ(taken.size(), 1U);
  EXPECT_EQ(wire.session.end_reason(), nullptr);
}

TEST(Limits, CountMoreThanTheBytesOfSmallChunks_L8) {
  Server server({.max_stream_buffer = 4096});
  server.wire.send({R"(["pipe"])"});
  server.next_id = 2;
  server.push_and_release(15, write("1", "1"));
  EXPECT_EQ(server.ask(write("1", "1")), rejected(17, kTooMuchUnread));
}

TEST(Limits, DoNotCountWhatTheApplicationWrites_L8) {
  Server server({.max_stream_buffer = 0});
  auto [readable, writable] = make_pipe<std::string>();
  for (int i = 0; i < 10; ++i) writable.write(std::string(1000, 'x')).detach();
  std::string read;
  for (int i = 0; i < 10; ++i)
    readable.read().then([&](std::optional<std::string> chunk) { read += *chunk; });
  EXPECT_EQ(read.size(), 10'000U);
}

// ---- Messages

TEST(Limits, RefuseLongMessages_L1) {
  Server server({.max_message_size = 20});
  // Units of UTF-16 count, not bytes.
  EXPECT_EQ(server.wire.send({"[\"push\",\"\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\"]"}),
            "");
  EXPECT_EQ(server.wire.send({R"(["push","123456789012345"])"}),
            aborted(R"(["error","TypeError","Incoming message exceeds maximum size of 20 UTF-16 )"
                    R"(code units."])"));
}

TEST(Limits, RefuseDeepMessages_L2) {
  Server server({.max_depth = 2});
  EXPECT_EQ(server.wire.send({push("[[1]]")}), "");
  EXPECT_EQ(server.wire.send({push("[[[[1]]]]")}),
            aborted(R"(["error","TypeError","Deserialization exceeded maximum allowed message )"
                    R"(depth of 2."])"));
}

TEST(Limits, RefuseLongBigints_L6) {
  Server server({.max_bigint_digits = 3});
  EXPECT_EQ(server.wire.send({push(R"(["bigint","-12"])")}), "");
  EXPECT_EQ(server.wire.send({push(R"(["bigint","-123"])")}),
            aborted(R"(["error","TypeError","Deserialized bigint exceeds maximum length of 3 )"
                    R"(digits."])"));
}

// ---- Without limits

TEST(Limits, EachCanBeSwitchedOff_L7) {
  const std::size_t none = Limits::kUnlimited;
  Server server({.max_message_size = none,
                 .max_depth = none,
                 .max_bigint_digits = none,
                 .max_exports = none,
                 .max_imports = none,
                 .max_stream_buffer = none,
                 .max_calls = none,
                 .max_copies = none,
                 .max_unsent_answers = none});
  const Limits defaults;
  server.wire.send(
      {push('"' + std::string(defaults.max_message_size + 1, 'x') + '"'),
       push(R"(["bigint",")" + std::string(defaults.max_bigint_digits + 1, '7') + R"("])"),
       release(1), release(2)});
  std::string deep = "1";
  for (std::size_t i = 0; i <= defaults.max_depth; ++i) deep = "[[" + deep + "]]";
  server.wire.send({push(deep), release(3)});
  server.wire.send({push(R"(["pipeline",0,["gate"],[]])")});
  for (std::size_t i = 0; i <= defaults.max_calls; ++i)
    server.wire.session.receive(push(R"(["pipeline",4,["f"],[]])"));
  EXPECT_EQ(server.calls(), defaults.max_calls + 1);
  for (std::size_t i = 0; i <= defaults.max_exports; ++i) server.wire.session.receive(push("1"));
  const auto peer = server.wire.session.remote_main().hook();
  std::vector<detail::HookRef> imports;
  for (std::size_t i = 0; i <= defaults.max_imports; ++i) imports.push_back(peer->get(Path{"x"}));
  ASSERT_EQ(server.wire.session.end_reason(), nullptr);
  EXPECT_GT(server.wire.session.stats().exports, defaults.max_exports);
  EXPECT_GT(server.wire.session.stats().imports, defaults.max_imports);
  EXPECT_EQ(imports.back()->outcome(), nullptr);
}

// ---- Messages that the peer does not take

TEST(Limits, CallsFailWhileTooMuchWaitsForThePeer_L8) {
  SessionOptions options;
  options.limits.max_unsent = 100;
  auto core = detail::make_ref<detail::SessionCore>(Value(), options);
  const auto main = core->remote_main();
  const Arguments large{{std::string(100, 'x')}};
  Awaited first(main->call(Path{"f"}, Arguments{large}));
  EXPECT_EQ(first.failure(), "pending");
  const std::string refused =
      "RangeError: More than 100 bytes wait for the peer to take them; try again later, or raise "
      "Limits::max_unsent.";
  EXPECT_EQ(Awaited(main->call(Path{"f"}, Arguments{})).failure(), refused);
  EXPECT_EQ(Awaited(main->get(Path{"x"})).failure(), refused);

  Outbox out;
  core->take_output(out);
  core->set_unsent(101);  // the transport has it now, and cannot send it either
  EXPECT_EQ(Awaited(main->call(Path{"f"}, Arguments{})).failure(), refused);
  core->set_unsent(0);
  EXPECT_EQ(Awaited(main->call(Path{"f"}, Arguments{})).failure(), "pending");
  EXPECT_EQ(core->end_reason(), nullptr);
}

}  // namespace
}  // namespace capnweb::testing
