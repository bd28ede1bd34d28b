#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes.hpp"

namespace capnweb::testing {
namespace {

using detail::PromiseRef;
using detail::ReadableRef;
using detail::StubRef;
using detail::WritableRef;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DevaluateCapabilities : public ::testing::Test {
 protected:
  // The expression, or the error.
  std::string send(const Value& value) {
    std::string out;
    auto done = devaluate(value, &exporter_, Ownership::kOwned, out);
    if (done) return out;
    EXPECT_EQ(out, "");
    return done.error().what();
  }
  Value stub(std::string name) { return StubRef{fake_stub(hooks_, std::move(name))}; }
  detail::HookRef imported(std::int64_t id) {
    auto hook = fake_promise(hooks_, "imported");
    exporter_.imports[hook.get()] = ImportId{id};
    return hook;
  }
  static PromiseRef property(detail::HookRef hook, Path path) {
    return {std::move(hook), std::make_shared<const Path>(std::move(path))};
  }

  Log hooks_;
  FakeExporter exporter_;
};

TEST_F(DevaluateCapabilities, AStubIsExported_V57_V59) {
  EXPECT_EQ(send(stub("f")), R"(["export",-1])");
  EXPECT_EQ(send(Object{{"f", stub("f")}, {"g", stub("g")}}),
            R"({"f":["export",-2],"g":["export",-3]})");
  EXPECT_THAT(exporter_.log, ElementsAre("stub f", "stub f", "stub g"));
}

TEST_F(DevaluateCapabilities, WhatThePeerExportsGoesHomeById_V58) {
  EXPECT_EQ(send(StubRef{imported(-4)}), R"(["import",-4])");
  EXPECT_EQ(send(PromiseRef{imported(7)}), R"(["pipeline",7])");
  EXPECT_EQ(send(property(imported(7), {"a", 2.0, "b"})), R"(["pipeline",7,["a",2,"b"]])");
  EXPECT_EQ(send(property(imported(7), {})), R"(["pipeline",7])");
  EXPECT_THAT(exporter_.log, IsEmpty());
}

TEST_F(DevaluateCapabilities, AnyOtherPromiseIsAnnounced_V59) {
  EXPECT_EQ(send(PromiseRef{fake_promise(hooks_, "p")}), R"(["promise",-1])");
  EXPECT_EQ(send(property(fake_promise(hooks_, "p"), {})), R"(["promise",-2])");
  EXPECT_THAT(exporter_.log, ElementsAre("promise p", "promise p"));
}

TEST_F(DevaluateCapabilities, APropertyBecomesAPromiseOfItsOwn_V59) {
  EXPECT_EQ(send(property(fake_promise(hooks_, "p"), {"a", "b"})), R"(["promise",-1])");
  EXPECT_THAT(exporter_.log, ElementsAre("promise p.a.b"));
  EXPECT_EQ(hooks_[0], "get p.a.b");
  EXPECT_EQ(send(property(fake_stub(hooks_, "s"), {"a"})), R"(["promise",-2])");
}

TEST_F(DevaluateCapabilities, ThePromiseOfAStubIsTheStub_V59) {
  EXPECT_EQ(send(PromiseRef{fake_stub(hooks_, "s")}), R"(["export",-1])");
  EXPECT_THAT(exporter_.log, ElementsAre("stub s"));
}

TEST_F(DevaluateCapabilities, StreamsHaveExportsAndPipes_V61_S11) {
  EXPECT_EQ(send(WritableRef{fake_stub(hooks_, "w")}), R"(["writable",-1])");
  EXPECT_EQ(send(Array{ReadableRef{fake_stub(hooks_, "r")}, ReadableRef{fake_stub(hooks_, "q")}}),
            R"([[["readable",1],["readable",2]]])");
  EXPECT_THAT(exporter_.log, ElementsAre("writable w", "pipe r", "pipe q"));
}

TEST_F(DevaluateCapabilities, TakesBackWhatIsNotSent_V64_O24) {
  const Value bad = Bytes(std::vector<std::byte>(1), BytesKind::kInt32Array);
  EXPECT_EQ(send(Array{stub("f"), PromiseRef{fake_promise(hooks_, "p")},
                       WritableRef{fake_stub(hooks_, "w")}, StubRef{imported(-1)}, bad}),
            "TypeError: Invalid byte length 1 for Int32Array; expected a multiple of 4");
  EXPECT_THAT(exporter_.log, ElementsAre("stub f", "promise p", "writable w", "unexport -3",
                                         "unexport -2", "unexport -1"));
  EXPECT_TRUE(exporter_.offered.empty());
}

TEST_F(DevaluateCapabilities, TakesBackArgumentsThatAreNotSent_V64) {
  const Array arguments{stub("f"), Bytes(std::vector<std::byte>(1), BytesKind::kInt32Array)};
  std::string out = "x";
  EXPECT_FALSE(devaluate_arguments(arguments, &exporter_, out));
  EXPECT_EQ(out, "x");
  EXPECT_THAT(exporter_.log, ElementsAre("stub f", "unexport -1"));
}

TEST_F(DevaluateCapabilities, TheSessionMayRefuseExportsAndPipes) {
  EXPECT_EQ(send(Array{stub("f"), stub("refused")}), "no room for exports");
  EXPECT_THAT(exporter_.log, ElementsAre("stub f", "unexport -1"));
  EXPECT_EQ(send(PromiseRef{fake_promise(hooks_, "refused")}), "no room for exports");
  EXPECT_EQ(send(WritableRef{fake_stub(hooks_, "refused")}), "no room for exports");
  exporter_.has_pipes = false;
  EXPECT_EQ(send(ReadableRef{fake_stub(hooks_, "r")}), "no room for pipes");
  EXPECT_EQ(send(Blob{"", Bytes()}), "no room for pipes");
  EXPECT_EQ(send(Response{.body = "x"}), "no room for pipes");
}

TEST_F(DevaluateCapabilities, AValueThatWasMovedFromIsRefused_O15) {
  const std::string error = "Attempted to use RPC stub after it has been disposed.";
  EXPECT_EQ(send(StubRef{}), error);
  EXPECT_EQ(send(PromiseRef{}), error);
  EXPECT_EQ(send(ReadableRef{}), error);
  EXPECT_EQ(send(WritableRef{}), error);
}

TEST(DevaluateWithoutSession, RefusesCapabilities_V66) {
  Log hooks;
  const auto error_of = [](const Value& value) -> std::string {
    try {
      return serialize(value);
    } catch (const Error& error) {
      return error.what();
    }
  };
  const std::string no_stubs = "Can't serialize RPC stubs in this context.";
  EXPECT_EQ(error_of(StubRef{fake_stub(hooks, "f")}), no_stubs);
  EXPECT_EQ(error_of(PromiseRef{fake_promise(hooks, "p")}), no_stubs);
  EXPECT_EQ(error_of(ReadableRef{fake_stub(hooks, "r")}),
            "Can't serialize ReadableStream in this context.");
  EXPECT_EQ(error_of(WritableRef{fake_stub(hooks, "w")}),
            "Can't serialize WritableStream in this context.");
  EXPECT_EQ(error_of(Blob{"", Bytes()}), "Cannot create pipes without an RPC session.");
  EXPECT_EQ(error_of(Response{.body = "x"}), "Can't serialize ReadableStream in this context.");
}

}  // namespace
}  // namespace capnweb::testing
