// map_recorder_test.cpp: what the callback of a map() becomes, without a session.
#include "cap/map_recorder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capnweb/serialize.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "support/object.hpp"

namespace capnweb::testing {
namespace {

using detail::Arguments;
using detail::HookRef;
using detail::MapProgram;
using detail::MapRecorder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kPlaceholderMisuse[] =
    "Attempted to use an abstract placeholder from a mapper function. Please make sure your map "
    "function has no side effects.";
constexpr char kMadeInside[] =
    "Can't construct an RpcTarget or RPC callback inside a mapper function. Try creating a new "
    "RpcStub outside the callback first, then using it inside the callback.";

// Something at a peer: keeps the program that is sent to it.
class Remote final : public detail::Hook {
 public:
  std::vector<MapProgram> maps;
  Path path;
  int calls = 0;

  HookRef call(PathView, Arguments) override { return ++calls, HookRef(this); }
  HookRef get(PathView) override { return HookRef(this); }
  HookRef map(PathView where, MapProgram program) override {
    path.assign(where.begin(), where.end());
    maps.push_back(std::move(program));
    return HookRef(this);
  }
  bool is_stub() const override { return true; }
  detail::Outcome* outcome() override { return nullptr; }
  void wait(detail::Waiter&) override {}
  std::shared_ptr<void> on_broken(std::function<void(const Error&)>) override { return nullptr; }
};

Value stub_of(HookRef hook) { return Value(detail::StubRef{std::move(hook)}); }
Value member_of(HookRef hook, Path path) {
  return Value(detail::PromiseRef{std::move(hook), std::make_shared<const Path>(std::move(path))});
}

class MapRecorderTest : public ::testing::Test {
 protected:
  using Callback = std::function<Value(HookRef element)>;

  ~MapRecorderTest() override { remote_->maps.clear(); }  // they may hold it

  // Calls a method as the typed API does.
  static HookRef invoke(const HookRef& hook, const char* method, Array arguments = {}) {
    const PathPart part(method);
    return MapRecorder::current()->call(*hook, {&part, 1}, arguments);
  }
  // A map over `subject`; the promise of its result.
  static HookRef record_over(const HookRef& subject, const Callback& callback, Path path = {}) {
    MapRecorder recorder(subject, path);
    const Value result = callback(recorder.input());
    return recorder.finish(result);
  }
  // The instructions of a map over something remote.
  std::string record(const Callback& callback) {
    record_over(remote_, callback);
    return remote_->maps.back().instructions;
  }
  std::string failure(const Callback& callback) {
    try {
      record(callback);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  std::size_t captures() const { return remote_->maps.back().captures.size(); }
  HookRef captured(std::size_t i) const { return hook_of(remote_->maps.back().captures[i]); }

  detail::Ref<Remote> remote_ = detail::make_ref<Remote>();
  HookRef api_ = detail::make_ref<Remote>();
};

TEST_F(MapRecorderTest, TheIdentity_R1) {
  EXPECT_EQ(record([](HookRef element) { return promise(element); }), R"([["pipeline",0]])");
  EXPECT_EQ(captures(), 0U);
}

TEST_F(MapRecorderTest, CallsAreInstructionsAndMembersStandInline_R2) {
  EXPECT_EQ(record([&](HookRef element) {
              HookRef user = invoke(api_, "user", {member_of(element, {"id"}), 5});
              return member_of(invoke(user, "friend"), {"names", 0.0});
            }),
            R"([["pipeline",-1,["user"],[["pipeline",0,["id"]],5]],)"
            R"(["pipeline",1,["friend"],[]],["pipeline",2,["names",0]]])");
  EXPECT_EQ(captured(0), api_);
}

TEST_F(MapRecorderTest, StubsAreImportsAndPromisesPipelines_R2) {
  const HookRef open = detail::Resolver().promise();
  const HookRef local = hook_of(target({}));
  EXPECT_EQ(record([&](HookRef) { return Value(Array{stub_of(local), member_of(open, {"a"})}); }),
            R"([[[["import",-1],["pipeline",-2,["a"]]]]])");
  EXPECT_EQ(captured(0), local);
  EXPECT_EQ(captured(1), open);
}

TEST_F(MapRecorderTest, ArraysAreEscapedAndTheResultIsLast_R3) {
  EXPECT_EQ(record([&](HookRef id) {
              return Value(Array{promise(id), promise(invoke(api_, "name", {promise(id)}))});
            }),
            R"([["pipeline",-1,["name"],[["pipeline",0]]],[[["pipeline",0],["pipeline",1]]]])");
}

TEST_F(MapRecorderTest, ConstantsAreBakedIn_R4) {
  EXPECT_EQ(record([](HookRef) { return Value(); }), R"([["undefined"]])");
  EXPECT_EQ(record([](HookRef) { return Value(5); }), R"([5])");
  EXPECT_EQ(record([](HookRef) { return Value(Date{5}); }), R"([["date",5]])");
}

TEST_F(MapRecorderTest, ArgumentsAreCapturedBeforeTheCallee_R5) {
  const HookRef local = hook_of(target({}));
  record([&](HookRef) { return promise(invoke(api_, "use", {stub_of(local)})); });
  EXPECT_EQ(captured(0), local);
  EXPECT_EQ(captured(1), api_);
}

TEST_F(MapRecorderTest, CapturesTheSameStubOnce_R6) {
  EXPECT_EQ(record([&](HookRef) {
              invoke(api_, "a");
              return promise(invoke(api_, "b", {stub_of(api_)}));
            }),
            R"([["pipeline",-1,["a"],[]],["pipeline",-1,["b"],[["import",-1]]],["pipeline",2]])");
  EXPECT_EQ(captures(), 1U);
}

TEST_F(MapRecorderTest, InnerCapturesAreNumberedByTheOuterMap_R7) {
  const HookRef other = detail::make_ref<Remote>();
  EXPECT_EQ(record([&](HookRef team) {
              invoke(other, "log");                   // -1, 1
              HookRef leader = invoke(api_, "lead");  // -2, 2
              return promise(record_over(
                  leader,
                  [&](HookRef member) {
                    // The inner map's: -1 is the leader, -2 the team, -3 api_.
                    return promise(
                        invoke(api_, "name", {promise(member), promise(leader), promise(team)}));
                  },
                  {"members"}));
            }),
            R"([["pipeline",-1,["log"],[]],["pipeline",-2,["lead"],[]],)"
            R"(["remap",2,["members"],[["import",2],["import",0],["import",-2]],)"
            R"([["pipeline",-3,["name"],[["pipeline",0],["pipeline",-1],["pipeline",-2]]],)"
            R"(["pipeline",1]]],["pipeline",3]])");
  EXPECT_EQ(captures(), 2U);
  EXPECT_EQ(remote_->maps.size(), 1U);
}

TEST_F(MapRecorderTest, AnOuterPromiseMayBeMappedInside_R7) {
  EXPECT_EQ(record([&](HookRef) {
              return promise(record_over(api_, [](HookRef inner) { return promise(inner); }));
            }),
            R"([["remap",-1,[],[],[["pipeline",0]]],["pipeline",1]])");
}

TEST_F(MapRecorderTest, ThePathIsInTheMap_R8) {
  record_over(remote_, [](HookRef element) { return promise(element); }, {"name"});
  EXPECT_EQ(remote_->path, Path{"name"});
}

TEST_F(MapRecorderTest, CallsTheCallbackOnceAndSendsNothingElse_R22) {
  const HookRef callee = remote_;
  int calls = 0;
  record([&](HookRef) {
    ++calls;
    return promise(invoke(callee, "f"));
  });
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(remote_->calls, 0);
  EXPECT_EQ(MapRecorder::current(), nullptr);
}

TEST_F(MapRecorderTest, RefusesWhatIsMadeInside_R23) {
  const auto as_argument = [&](Value made) {
    return failure([&](HookRef) { return promise(invoke(api_, "f", {made})); });
  };
  EXPECT_EQ(failure([](HookRef) { return target({}); }), kMadeInside);
  EXPECT_EQ(failure([](HookRef) { return Value(Array{Value(Object{{"f", target({})}})}); }),
            kMadeInside);
  EXPECT_EQ(failure([&](HookRef) {
              return promise(invoke(api_, "f", {function([](Array&) { return Value(); })}));
            }),
            kMadeInside);
  EXPECT_EQ(failure([](HookRef) { return promise(invoke(hook_of(target({})), "f")); }),
            kMadeInside);
  EXPECT_EQ(failure([](HookRef) { return member_of(hook_of(target({})), {"p"}); }), kMadeInside);
  EXPECT_EQ(as_argument(Value(detail::WritableRef{api_})), kMadeInside);
  EXPECT_EQ(as_argument(Value(detail::ReadableRef{api_})),
            "Cannot send ReadableStream inside a mapper function.");
  EXPECT_EQ(as_argument(Value(Blob("text/plain", Bytes()))),
            "Cannot send ReadableStream inside a mapper function.");
  EXPECT_THAT(remote_->maps, IsEmpty());
}

TEST_F(MapRecorderTest, RefusesInAnInnerMapWhatTheOuterMade_R23) {
  EXPECT_EQ(failure([&](HookRef element) {
              const Value made = target({});
              return promise(record_over(element, [&](HookRef) { return made; }));
            }),
            kMadeInside);
}

TEST_F(MapRecorderTest, ExceptionsPassThrough_R23) {
  EXPECT_THROW(record([](HookRef) -> Value { throw std::out_of_range("mine"); }),
               std::out_of_range);
  EXPECT_THAT(remote_->maps, IsEmpty());
  EXPECT_EQ(MapRecorder::current(), nullptr);
}

TEST_F(MapRecorderTest, AnInnerFailureLeavesTheOuterUsable_R23) {
  EXPECT_EQ(record([&](HookRef element) {
              EXPECT_THROW(record_over(element, [](HookRef) { return target({}); }), Error);
              return promise(invoke(api_, "f"));
            }),
            R"([["pipeline",-1,["f"],[]],["pipeline",1]])");
}

TEST_F(MapRecorderTest, APlaceholderIsARejectedPromiseAfterwards_R25) {
  HookRef element, result;
  record([&](HookRef placeholder) {
    element = placeholder;
    result = invoke(api_, "f");
    EXPECT_TRUE(detail::is_being_recorded(*element));
    EXPECT_TRUE(detail::is_being_recorded(*result));
    EXPECT_FALSE(detail::is_being_recorded(*api_));
    return Value();
  });
  for (const HookRef& stale : {element, result, call(element, {"f"}), element->get({}),
                               element->map({}, MapProgram{{}, "[1]"})}) {
    ASSERT_TRUE(stale->outcome());
    EXPECT_EQ(stale->outcome()->error().message(), kPlaceholderMisuse);
  }
  std::string reason;
  const auto watch = element->on_broken([&](const Error& error) { reason = error.message(); });
  EXPECT_EQ(reason, kPlaceholderMisuse);
  EXPECT_FALSE(detail::is_being_recorded(*element));
}

TEST_F(MapRecorderTest, RefusesThePlaceholdersOfAnotherMap_R25) {
  HookRef stale;
  record([&](HookRef element) { return stale = element, Value(); });
  const std::size_t sent = remote_->maps.size();
  EXPECT_EQ(failure([&](HookRef) { return promise(stale); }), kPlaceholderMisuse);
  EXPECT_EQ(failure([&](HookRef) { return promise(invoke(stale, "f")); }), kPlaceholderMisuse);
  EXPECT_EQ(failure([&](HookRef) {
              return promise(record_over(stale, [](HookRef) { return Value(); }));
            }),
            kPlaceholderMisuse);
  EXPECT_EQ(failure([&](HookRef element) {
              HookRef inner;
              record_over(element, [&](HookRef e) { return inner = e, Value(); });
              return promise(inner);
            }),
            kPlaceholderMisuse);
  EXPECT_EQ(remote_->maps.size(), sent);
}

TEST_F(MapRecorderTest, NothingIsConsumed_R26) {
  const HookRef local = hook_of(target({{"f", [](Array&) { return Value(7); }}}));
  record([&](HookRef) { return promise(invoke(local, "g", {stub_of(local)})); });
  EXPECT_EQ(call(local, {"f"})->outcome()->value(), Value(7));
}

TEST_F(MapRecorderTest, LocalValuesAreMappedHere_R27) {
  const HookRef twice = hook_of(function([](Array& a) { return Value(a[0].get<double>() * 2); }));
  const auto double_it = [&](HookRef element) {
    return promise(MapRecorder::current()->call(*twice, {}, std::vector<Value>{promise(element)}));
  };
  detail::Resolver later;
  const HookRef waiting = record_over(later.promise(), double_it);
  EXPECT_EQ(waiting->outcome(), nullptr);
  later.resolve(Value(Array{1, 2}));
  const HookRef settled = record_over(detail::make_resolved(Value(4)), double_it);
  ASSERT_TRUE(waiting->outcome());
  const auto& results = waiting->outcome()->value().get<Array>();
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(hook_of(results[1])->outcome()->value(), Value(4));
  EXPECT_EQ(settled->outcome()->value(), Value(8));
}

TEST_F(MapRecorderTest, WhatSettlesMeanwhileRunsAfterwards_R22) {
  detail::Resolver resolver;
  const HookRef waiting = resolver.promise();
  std::vector<std::string> order;
  const HookRef note =
      hook_of(function([&](Array&) { return order.push_back("called"), Value(); }));
  call(waiting, {"go"});  // queued until the promise settles
  record([&](HookRef) {
    resolver.resolve(target({{"go", [&](Array&) {
                                order.push_back("ran");
                                return promise(call(note, {}));
                              }}}));
    order.push_back("recorded");
    return Value();
  });
  EXPECT_THAT(order, ElementsAre("recorded", "ran", "called"));
}

}  // namespace
}  // namespace capnweb::testing
