// A session's stubs passed on over another session: what a proxy does.
#include <gtest/gtest.h>

#include <capnweb/session.hpp>
#include <capnweb/stream.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/awaited.hpp"
#include "support/object.hpp"
#include "support/relay.hpp"

namespace capnweb::testing {
namespace {

detail::HookRef main_of(const Session& session) { return session.remote_main().hook(); }

// Bob's main object: what the tests below call. Promises that it keeps are settled by the tests.
struct Bob {
  Value main() {
    return target({
        {"add", [](Array& a) { return Value(a[0].get<double>() + a[1].get<double>()); }},
        {"counter", [](Array& a) { return counter(a[0].get<double>()); }},
        {"later",
         [this](Array&) {
           later.emplace();
           return promise(later->promise());
         }},
        {"callIt",
         [](Array& a) { return promise(hook_of(a[0])->call({}, detail::Arguments{{a[1]}})); }},
        {"keep",
         [this](Array& a) {
           kept = hook_of(a[0]);
           return Value("kept");
         }},
        {"echo", [](Array& a) { return a[0]; }},
        {"ids", [](Array&) { return Value(Array{1, 2}); }},
    });
  }
  static Value counter(double start) {
    auto count = std::make_shared<double>(start);
    return target({{"inc", [count](Array& a) { return Value(*count += a[0].get<double>()); }}});
  }

  std::optional<detail::Resolver> later;
  detail::HookRef kept;
};

class MiddleParty : public ::testing::Test {
 protected:
  void start(Value alices_main = {}, const SessionOptions& middle = {}) {
    relay.emplace(bob.main(), std::move(alices_main), middle);
    api = main_of(relay->alice);
  }

  Bob bob;
  std::optional<Relay> relay;
  detail::HookRef api;
};

TEST_F(MiddleParty, PassesPipelinedCallsOnWithoutWaiting_C38) {
  start();
  {
    auto counter = call(api, {"counter"}, {5});
    Awaited sum(call(counter, {"inc"}, {2}));
    relay->run(Relay::kFromAlice);
    relay->run(Relay::kToBob);  // Bob has not said a word
    EXPECT_EQ(relay->take_log(), R"(A> ["push",["pipeline",0,["counter"],[5]]]
A> ["push",["pipeline",1,["inc"],[2]]]
A> ["pull",2]
B> ["push",["pipeline",0,["counter"],[5]]]
B> ["push",["pipeline",1,["inc"],[2]]]
B> ["pull",2]
)");
    relay->run();
    EXPECT_EQ(sum.value(), Value(7));
  }
  relay->run();
  EXPECT_TRUE(relay->is_clean());
}

TEST_F(MiddleParty, PassesCapabilitiesBothWays_C34_C38) {
  start();
  {
    Awaited counter(call(api, {"counter"}, {5}));
    relay->run();
    const Value stub = counter.value();
    Awaited sum(call(hook_of(stub), {"inc"}, {1}));
    Awaited called(call(api, {"callIt"}, {function([](Array& a) { return Value(a[0]); }), 7}));
    relay->run();
    EXPECT_EQ(sum.value(), Value(6));
    EXPECT_EQ(called.value(), Value(7));
    relay->take_log();
    Awaited echo(call(api, {"echo"}, {Object{{"home", stub}}}));
    relay->run(Relay::kFromAlice);
    relay->run(Relay::kToBob);
    EXPECT_NE(
        relay->take_log().find(R"(B> ["push",["pipeline",0,["echo"],[{"home":["import",-1]}]]])"),
        std::string::npos);
    relay->run();
    EXPECT_EQ(hook_of(echo.value()["home"])->is_stub(), true);
  }
  relay->run();
  EXPECT_TRUE(relay->is_clean());
}

TEST_F(MiddleParty, ReleasesArgumentsBeforeTheAnswerOnBothSides_O2) {
  start();
  Awaited called(call(api, {"callIt"}, {function([](Array&) { return Value("heard"); }), 7}));
  relay->run();
  EXPECT_EQ(called.value(), Value("heard"));
  EXPECT_EQ(relay->take_log(), R"(A> ["push",["pipeline",0,["callIt"],[["export",-1],7]]]
A> ["pull",1]
B> ["push",["pipeline",0,["callIt"],[["export",-1],7]]]
B> ["pull",1]
B< ["push",["pipeline",-1,[],[7]]]
B< ["release",-1,1]
B< ["pull",1]
A< ["push",["pipeline",-1,[],[7]]]
A< ["release",-1,1]
A< ["pull",1]
A> ["resolve",1,"heard"]
B> ["resolve",1,"heard"]
B< ["release",1,1]
B< ["resolve",1,"heard"]
B> ["release",1,1]
A< ["release",1,1]
A< ["resolve",1,"heard"]
A> ["release",1,1]
)");
  EXPECT_TRUE(relay->is_clean());
}

TEST_F(MiddleParty, PassesAPromiseOn_C39) {
  start();
  detail::Resolver own;
  Awaited echo(call(api, {"echo"}, {promise(own.promise())}));
  relay->run();
  EXPECT_FALSE(echo.is_done());
  own.resolve(Value("ready"));
  relay->run();
  EXPECT_EQ(echo.value(), Value("ready"));
  EXPECT_TRUE(relay->is_clean());
}

TEST_F(MiddleParty, PassesAMapOnAsAMap_C37) {
  start();
  {
    auto ids = call(api, {"ids"});
    detail::MapProgram program;
    program.captures = {Value(detail::StubRef{api}), Bob::counter(10)};
    program.instructions =
        R"([["pipeline",-1,["add"],[["pipeline",0],1]],["pipeline",-2,["inc"],[["pipeline",1]]],["pipeline",2]])";
    Awaited mapped(ids->map({}, std::move(program)));
    ids = nullptr;
    relay->run(Relay::kFromAlice);
    relay->run(Relay::kToBob);
    const std::string log = relay->take_log();
    const std::string remap =
        R"(["push",["remap",1,[],[["import",0],["export",-1]],[["pipeline",-1,["add"],[["pipeline",0],1]],["pipeline",-2,["inc"],[["pipeline",1]]],["pipeline",2]]]])";
    EXPECT_NE(log.find("A> " + remap), std::string::npos) << log;
    EXPECT_NE(log.find("B> " + remap), std::string::npos) << log;
    relay->run();
    EXPECT_EQ(mapped.value(), Value(Array{12, 15}));
  }
  relay->run();
  EXPECT_TRUE(relay->is_clean());
}

TEST_F(MiddleParty, AnswersWhatIsPlainDataByNow_M52) {
  start();
  {
    auto ids = call(api, {"ids"});
    Awaited got(ids->get({}));
    relay->run(Relay::kFromAlice);
    relay->run(Relay::kToBob);
    relay->run(Relay::kFromBob);  // the middle knows, Alice does not
    relay->take_log();
    Awaited late(call(ids, {"nope"}));
    relay->run();
    EXPECT_EQ(late.failure(), "TypeError: 'nope' is not a function.");
    EXPECT_EQ(relay->take_log().find("B> [\"push\""), std::string::npos);
  }
  relay->run();
  EXPECT_TRUE(relay->is_clean());
}

// Calls 1 and 2 are made on a promise, which resolves in the middle between them: by another name,
// but in the same order.
TEST_F(MiddleParty, KeepsTheOrderWhenAPromiseResolvesToBobs_C27_M51) {
  start();
  std::vector<Value> heard;
  {
    auto target_to_be = call(api, {"later"});
    Awaited pulled(target_to_be->get({}));
    auto first = call(target_to_be, {"f"}, {1});
    relay->run();
    bob.later->resolve(target({{"f", [&](Array& a) {
                                  heard.push_back(a[0]);
                                  return Value();
                                }}}));
    relay->run(Relay::kFromBob);
    relay->take_log();
    auto second = call(target_to_be, {"f"}, {2});
    relay->run(Relay::kFromAlice);
    relay->run(Relay::kToBob);
    EXPECT_NE(relay->take_log().find(R"(B> ["push",["pipeline",-1,["f"],[2]]])"),
              std::string::npos);
    relay->run();
    EXPECT_EQ(heard, (std::vector<Value>{1, 2}));
  }
  bob.later.reset();
  relay->run();
  EXPECT_TRUE(relay->is_clean());
}

// The same, but it resolves to an object of Alice's own: the second call may not take the short way
// while the first still travels through Bob.
TEST_F(MiddleParty, KeepsTheOrderWhenAPromiseResolvesToAlices_C28) {
  start();
  std::vector<Value> heard;
  {
    Awaited kept(call(api, {"keep"}, {target({{"f", [&](Array& a) {
                                                 heard.push_back(a[0]);
                                                 return Value();
                                               }}})}));
    auto target_to_be = call(api, {"later"});
    Awaited pulled(target_to_be->get({}));
    relay->run();
    auto first = call(target_to_be, {"home", "f"}, {1});
    relay->run(Relay::kFromAlice);  // it waits on its way to Bob
    bob.later->resolve(Object{{"home", Value(detail::StubRef{std::exchange(bob.kept, nullptr)})}});
    relay->run(Relay::kFromBob);
    auto second = call(target_to_be, {"home", "f"}, {2});
    relay->run(Relay::kFromAlice);
    relay->run();
    EXPECT_EQ(heard, (std::vector<Value>{1, 2}));
  }
  bob.later.reset();
  relay->run();
  EXPECT_TRUE(relay->is_clean());
}

TEST_F(MiddleParty, ACallThatCannotBePassedOnFailsAlone_M11) {
  SessionOptions generous;
  generous.limits.max_depth = 400;
  start({}, generous);
  std::string deep = "1";
  for (int i = 0; i < 300; ++i) deep = "[[" + deep + "]]";
  // By hand: no session of ours would send it.
  relay->near.receive(R"(["push",["pipeline",0,["echo"],[)" + deep + "]]]");
  relay->near.receive(R"(["push",["pipeline",0,["add"],[1,2]]])");
  relay->near.receive(R"(["pull",1])");
  relay->near.receive(R"(["pull",2])");
  relay->run(Relay::kToBob);
  relay->run(Relay::kFromBob);
  Outbox answers;
  relay->near.take_output(answers);
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(answers[0].starts_with(R"(["reject",1,["error","Error","Serialization exceeded)"))
      << answers[0];
  EXPECT_EQ(answers[1], R"(["resolve",2,3])");
  EXPECT_EQ(relay->near.end_reason(), nullptr);
}

TEST_F(MiddleParty, PassesErrorsOnWithTheStackThatCame_E1) {
  SessionOptions middle;
  middle.on_send_error = [](const Error& error) {
    return error.stack() ? std::optional(error) : std::nullopt;
  };
  start({}, middle);
  Awaited failed(call(api, {"add"}, {1, 2}));
  relay->run(Relay::kFromAlice);
  relay->run(Relay::kToBob);
  relay->take_log();
  relay->far.receive(R"(["reject",1,["error","RangeError","bad","at Bob's",{"code":5}]])");
  relay->run(Relay::kToAlice);
  EXPECT_EQ(relay->take_log(),
            "A< [\"reject\",1,[\"error\",\"RangeError\",\"bad\",\"at Bob's\",{\"code\":5}]]\n");
}

TEST_F(MiddleParty, CallsFailWithTheReasonWhenTheOtherSessionDies_C37) {
  start();
  Awaited pending(call(api, {"later"}));
  relay->run();
  relay->far.disconnected(Error("Peer closed WebSocket: 1006 "));
  Awaited late(call(api, {"add"}, {1, 2}));
  relay->run();
  EXPECT_EQ(pending.failure(), "Peer closed WebSocket: 1006 ");
  EXPECT_EQ(late.failure(), "Peer closed WebSocket: 1006 ");
  EXPECT_EQ(relay->alice.end_reason(), nullptr);
}

// ---- Streams

// Bob writes, Alice reads.
class MiddlePartyStream : public MiddleParty {
 protected:
  MiddlePartyStream() {
    auto [readable, writable] = make_pipe<int>();
    out = std::move(writable);
    relay.emplace(target(
        {{"numbers", [in = readable](Array&) mutable { return Value(std::exchange(in, {})); }}}));
    api = main_of(relay->alice);
    Awaited result(call(api, {"numbers"}));
    relay->run();
    in = ReadableStream<int>(result.value().get_if<detail::ReadableRef>()->hook);
    relay->take_log();
  }
  bool has_crossed(std::string_view message) const {
    return log.find(message) != std::string::npos;
  }
  void run() {
    relay->run();
    log = relay->take_log();
  }

  WritableStream<int> out;
  ReadableStream<int> in;
  std::string log;
};

TEST_F(MiddlePartyStream, AcknowledgesAChunkWhenItsLastReaderHasIt_S15) {
  out.write(1).detach();
  run();
  EXPECT_TRUE(has_crossed(R"(A< ["stream",["pipeline",1,["write"],[1]]])"));
  EXPECT_FALSE(has_crossed("B> [\"resolve\""));
  Awaited chunk(in.read().ref().hook);
  run();
  EXPECT_EQ(chunk.value(), Value(Array{1}));
  EXPECT_EQ(log, R"(A> ["resolve",2,["undefined"]]
B> ["resolve",2,["undefined"]]
)");
  out.close().detach();
  Awaited end(in.read().ref().hook);
  run();
  EXPECT_TRUE(end.value().is_undefined());
  in = {};
  run();
  EXPECT_TRUE(relay->is_clean());
}

TEST_F(MiddlePartyStream, AcknowledgesInTheOrderOfTheWrites_S9) {
  out.write(1).detach();
  out.write(2).detach();
  out.close().detach();
  run();
  EXPECT_FALSE(has_crossed("B> [\"resolve\""));
  for (int i = 0; i < 3; ++i) Awaited(in.read().ref().hook).is_done();
  run();
  std::string to_bob;
  for (std::size_t at = 0; (at = log.find("B> [\"resolve\",", at)) != log.npos; ++at)
    to_bob += log[at + 14];
  EXPECT_EQ(to_bob, "234");
  EXPECT_TRUE(relay->is_clean());
}

TEST_F(MiddlePartyStream, TellsTheWriterThatItsLastReaderHasGone_S18) {
  out.write(1).detach();
  run();
  in.cancel(Error("enough"));
  run();
  EXPECT_TRUE(has_crossed(R"(B> ["reject",2,["error","Error","enough"]])")) << log;
  Awaited late(out.write(2).ref().hook);
  EXPECT_EQ(late.failure(), "enough");
  EXPECT_TRUE(relay->is_clean());
}

}  // namespace
}  // namespace capnweb::testing
