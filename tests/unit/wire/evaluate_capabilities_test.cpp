#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes.hpp"

namespace capnweb::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EvaluateCapabilities : public ::testing::Test {
 protected:
  // What the expression gives, or the error. The value is released before this returns; the log
  // has what happened until then.
  std::string evaluated(const std::string& text, const Limits& limits = {}) {
    Parsed json(text);
    log_.clear();
    auto result = evaluate(*json, &importer_, limits);
    before_release_ = log_;
    if (!result) return result.error().what();
    holds_promises_ = result->holds_promises;
    return show(result->value);
  }
  const Log& log() const { return before_release_; }
  // With what was released afterwards.
  const Log& whole_log() const { return log_; }
  bool holds_promises() const { return holds_promises_; }

 private:
  Log log_;
  Log before_release_;
  bool holds_promises_ = false;
  FakeImporter importer_{log_};
};

TEST_F(EvaluateCapabilities, AnImportIsAStub_C1) {
  EXPECT_EQ(evaluated(R"(["import",0])"), "<main>");
  EXPECT_FALSE(holds_promises());
  EXPECT_EQ(evaluated(R"(["import",1])"), "<result>");
  EXPECT_THAT(log(), IsEmpty());
}

TEST_F(EvaluateCapabilities, APipelineIsAPromise_C1) {
  EXPECT_EQ(evaluated(R"(["pipeline",1])"), "<result?>");
  EXPECT_TRUE(holds_promises());
}

TEST_F(EvaluateCapabilities, ThePromiseOfAStubIsTheStub_C36) {
  EXPECT_EQ(evaluated(R"(["pipeline",0])"), "<main>");
  EXPECT_FALSE(holds_promises());
}

TEST_F(EvaluateCapabilities, ReadsProperties_C4) {
  EXPECT_EQ(evaluated(R"(["pipeline",1,["a","b"]])"), "<result.a.b?>");
  EXPECT_THAT(log(), ElementsAre("get result.a.b"));
  EXPECT_TRUE(holds_promises());
  EXPECT_EQ(evaluated(R"(["import",0,["a"]])"), "<main.a>");
  EXPECT_FALSE(holds_promises());
}

TEST_F(EvaluateCapabilities, AnEmptyPathIsAGet_C6) {
  EXPECT_EQ(evaluated(R"(["pipeline",1,[]])"), "<result?>");
  EXPECT_THAT(log(), ElementsAre("get result"));
}

TEST_F(EvaluateCapabilities, KeepsNumbersAndStringsApartInPaths_C8_C15) {
  EXPECT_EQ(evaluated(R"(["pipeline",1,["0",0,-1,1.5]])"), "<result.0[0][-1][1.5]?>");
}

TEST_F(EvaluateCapabilities, Calls_C1) {
  EXPECT_EQ(evaluated(R"(["pipeline",0,["add"],[2,"x",[[3]]]])"), "<main.add()?>");
  EXPECT_THAT(log(), ElementsAre(R"(call main.add[2,"x",[3]])"));
  EXPECT_TRUE(holds_promises());
}

TEST_F(EvaluateCapabilities, CallsTheThingItself_C1) {
  EXPECT_EQ(evaluated(R"(["pipeline",0,[],[]])"), "<main()?>");
  EXPECT_THAT(log(), ElementsAre("call main[]"));
}

TEST_F(EvaluateCapabilities, TheResultOfAnImportedCallIsAStub_C2) {
  EXPECT_EQ(evaluated(R"(["import",0,["add"],[1]])"), "<main.add()>");
  EXPECT_FALSE(holds_promises());
}

TEST_F(EvaluateCapabilities, CallsInArgumentsStartFirst_C5) {
  EXPECT_EQ(evaluated(R"(["pipeline",0,["f"],[["pipeline",0,["g"],[1]],["pipeline",1,["h"],[]]]])"),
            "<main.f()?>");
  EXPECT_THAT(log(), ElementsAre("call main.g[1]", "call result.h[]",
                                 "call main.f[<main.g()?>,<result.h()?>] waiting",
                                 "release main.g()", "release result.h()"));
}

TEST_F(EvaluateCapabilities, TellsOfEachCallWhetherItWaits_C23_C24) {
  // A promise beside a call, or in the arguments of one in its arguments, is no matter of its own.
  evaluated(R"({"a":["pipeline",1],"b":["pipeline",0,["f"],[1]]})");
  EXPECT_THAT(log(), ElementsAre("call main.f[1]"));
  evaluated(R"(["pipeline",0,["f"],[["import",0,["g"],[["pipeline",1]]]]])");
  EXPECT_THAT(log(), ElementsAre("call main.g[<result?>] waiting", "call main.f[<main.g()>]",
                                 "release main.g()"));
  evaluated(R"(["pipeline",0,["f"],[{"x":[[["promise",-1]]]}]])");
  EXPECT_EQ(log()[1], "call main.f[{x:[<peer-1?>]}] waiting");
}

TEST_F(EvaluateCapabilities, StartsCallsInTheOrderOfTheText_M8) {
  evaluated(R"([[["pipeline",0,["a"],[]],{"k":["pipeline",0,["b"],[]]},["pipeline",0,["c"],[]]]])");
  EXPECT_THAT(log(), ElementsAre("call main.a[]", "call main.b[]", "call main.c[]"));
}

TEST_F(EvaluateCapabilities, LargeObjectsStartCallsInOrderToo_M8) {
  std::string text = "{";
  for (int i = 0; i < 40; ++i)
    text += "\"k" + std::to_string(i) + R"(":["pipeline",0,["f)" + std::to_string(i) + R"("],[]],)";
  text.back() = '}';
  evaluated(text);
  ASSERT_EQ(log().size(), 40u);
  for (std::size_t i = 0; i < 40; ++i)
    EXPECT_EQ(log()[i], "call main.f" + std::to_string(i) + "[]");
}

TEST_F(EvaluateCapabilities, OfTwinKeysOnlyTheLastCalls_V2) {
  EXPECT_EQ(evaluated(R"({"a":["pipeline",0,["f"],[]],"a":["pipeline",0,["g"],[]]})"),
            "{a:<main.g()?>}");
  EXPECT_THAT(log(), ElementsAre("call main.g[]"));
}

TEST_F(EvaluateCapabilities, ForbiddenKeysStillCallAndAreDroppedForGood_V30_L9) {
  EXPECT_EQ(evaluated(R"({"toString":["pipeline",0,["f"],[]],"a":["export",-1],)"
                      R"("toJSON":["export",-2]})"),
            "{a:<peer-1>}");
  EXPECT_THAT(log(), ElementsAre("call main.f[]", "release main.f()", "import -1", "import -2",
                                 "release peer-2"));
  EXPECT_FALSE(holds_promises()) << "a dropped promise delays nothing";
}

TEST_F(EvaluateCapabilities, NamesUnknownExports_M43) {
  EXPECT_EQ(evaluated(R"(["pipeline",5])"), "no such entry on exports table: 5");
  EXPECT_EQ(evaluated(R"(["import",-7,["x"],[]])"), "no such entry on exports table: -7");
  EXPECT_EQ(evaluated(R"(["pipeline",5,"bad path"])"), "no such entry on exports table: 5");
}

TEST_F(EvaluateCapabilities, FractionalIdsAreNotFound_M6) {
  EXPECT_EQ(evaluated(R"(["pipeline",1.5])"), "no such entry on exports table: 1.5");
  EXPECT_EQ(evaluated(R"(["import",1e300])"), "no such entry on exports table: 1e+300");
  EXPECT_EQ(evaluated(R"(["import",1e400])"), "no such entry on exports table: Infinity");
  EXPECT_EQ(evaluated(R"(["import",-0])"), "<main>");
}

TEST_F(EvaluateCapabilities, RefusesBadShapes_M44) {
  for (const char* text :
       {R"(["pipeline"])", R"(["import"])", R"(["pipeline","0"])", R"(["pipeline",null])",
        R"(["pipeline",0,"add",[1,2]])", R"(["pipeline",0,{}])", R"(["pipeline",0,[null]])",
        R"(["pipeline",0,[["a"]]])", R"(["pipeline",0,["a",true]])", R"(["pipeline",0,["a"],5])",
        R"(["pipeline",0,["a"],{}])", R"(["pipeline",0,["a"],[],1])",
        R"(["import",0,["a"],[],1])"}) {
    EXPECT_EQ(evaluated(text), "TypeError: unknown special value: " + std::string(text));
    EXPECT_THAT(log(), IsEmpty());
  }
}

TEST_F(EvaluateCapabilities, AMalformedArgumentStopsItsCall_M10) {
  EXPECT_EQ(evaluated(R"(["pipeline",0,["f"],[["export",-1],["foo"]]])"),
            R"(TypeError: unknown special value: ["foo"])");
  EXPECT_THAT(log(), ElementsAre("import -1", "release peer-1"));
}

TEST_F(EvaluateCapabilities, ReleasesWhatWasEvaluatedBeforeAnError_M10) {
  EXPECT_EQ(evaluated(R"({"a":["pipeline",0,["f"],[]],"b":[[["export",-1]]],"c":["foo"]})"),
            R"(TypeError: unknown special value: ["foo"])");
  EXPECT_THAT(whole_log(), ::testing::UnorderedElementsAre("call main.f[]", "import -1",
                                                           "release main.f()", "release peer-1"));
}

TEST_F(EvaluateCapabilities, ArgumentsAddToTheDepth_L3) {
  const std::string error =
      "TypeError: Deserialization exceeded maximum allowed message depth of 256.";
  const auto call = [](const std::string& argument) {
    return R"(["pipeline",0,["f"],[)" + argument + "]]";
  };
  EXPECT_EQ(evaluated(call(nested(254, "1"))), "<main.f()?>");
  EXPECT_EQ(evaluated(call(nested(255, "1"))), error);
  EXPECT_EQ(evaluated(call(nested(255, ""))), "<main.f()?>");
  std::string calls = "1";
  for (int i = 0; i < 255; ++i) calls = call(calls);
  EXPECT_EQ(evaluated(calls), "<main.f()?>");
  EXPECT_EQ(evaluated(call(calls)), error);
}

TEST_F(EvaluateCapabilities, ImportsStubsAndPromises_V60) {
  EXPECT_EQ(evaluated(R"(["export",-1])"), "<peer-1>");
  EXPECT_THAT(log(), ElementsAre("import -1"));
  EXPECT_FALSE(holds_promises());
  EXPECT_EQ(evaluated(R"({"p":["promise",-2,"ignored"]})"), "{p:<peer-2?>}");
  EXPECT_THAT(log(), ElementsAre("import promise -2"));
  EXPECT_TRUE(holds_promises());
}

TEST_F(EvaluateCapabilities, IdsOfOffersAreNumbers_V60) {
  for (const char* text : {R"(["export"])", R"(["export","1"])", R"(["promise",null])",
                           R"(["promise",-1.5])", R"(["export",1e+300])", R"(["writable"])",
                           R"(["writable",[]])", R"(["readable"])", R"(["readable","1"])"})
    EXPECT_EQ(evaluated(text), "TypeError: unknown special value: " + std::string(text));
}

TEST_F(EvaluateCapabilities, TheSessionMayRefuseOffers) {
  for (const char* text : {R"(["export",-13])", R"(["promise",-13])", R"(["writable",-13])"})
    EXPECT_EQ(evaluated(text), "no import -13");
}

TEST_F(EvaluateCapabilities, TakesStreams_V61) {
  EXPECT_EQ(evaluated(R"(["writable",-3])"), "<peer-3 writes>");
  EXPECT_THAT(log(), ElementsAre("import writable -3"));
  EXPECT_EQ(evaluated(R"(["readable",2])"), "<pipe reads>");
  EXPECT_FALSE(holds_promises());
}

TEST_F(EvaluateCapabilities, ReadsAPipeOnlyOnce_S14) {
  EXPECT_EQ(evaluated(R"(["readable",5])"), "not a pipe: 5");
  EXPECT_EQ(evaluated(R"(["readable",2.5])"),
            "Export 2.5 is not a pipe or its readable end was already consumed.");
}

TEST_F(EvaluateCapabilities, ABlobIsAPromiseUntilItIsWhole_V53_V55) {
  EXPECT_EQ(evaluated(R"({"b":["blob","x/y",["readable",2]]})"), "{b:<blob?>}");
  EXPECT_EQ(log()[0], "collect x/y pipe");
  EXPECT_TRUE(holds_promises());
}

TEST_F(EvaluateCapabilities, TheContentOfABlobIsAStream_V54) {
  const std::string error = "TypeError: Blob content must be serialized as a ReadableStream.";
  EXPECT_EQ(evaluated(R"(["blob","t","x"])"), error);
  EXPECT_EQ(evaluated(R"(["blob","t",["bytes","AQ"]])"), error);
  EXPECT_EQ(evaluated(R"(["blob","t",["writable",-1]])"), error);
  EXPECT_EQ(evaluated(R"(["blob","t",["readable",5]])"), "not a pipe: 5");
  for (const char* text :
       {R"(["blob","t"])", R"(["blob",1,["readable",2]])", R"(["blob","t",["readable",2],1])"})
    EXPECT_EQ(evaluated(text), "TypeError: unknown special value: " + std::string(text));
}

TEST_F(EvaluateCapabilities, TheContentOfABlobIsOneDeeper_L2) {
  const std::string blob = R"(["blob","",["readable",2]])";
  EXPECT_EQ(evaluated(nested(254, blob)).find("TypeError"), std::string::npos);
  EXPECT_EQ(evaluated(nested(255, blob)),
            "TypeError: Deserialization exceeded maximum allowed message depth of 256.");
}

TEST_F(EvaluateCapabilities, TheSessionMayRefuseABlob) {
  class NoBlobs final : public Importer {
   public:
    explicit NoBlobs(Log& log) : log_(log) {}
    Expected<detail::HookRef> import_stub(ImportId) override { return Error("no"); }
    Expected<detail::HookRef> import_promise(ImportId) override { return Error("no"); }
    Expected<detail::HookRef> import_writable(ImportId) override { return Error("no"); }
    Expected<detail::HookRef> find_export(ExportId) override { return Error("no"); }
    Expected<detail::HookRef> take_readable(ExportId) override { return fake_stub(log_, "pipe"); }
    Expected<detail::HookRef> collect_blob(std::string, detail::HookRef) override {
      return Error("too large");
    }
    std::shared_ptr<detail::MapBudget> map_budget() override { return nullptr; }

   private:
    Log& log_;
  };
  Log log;
  NoBlobs importer(log);
  Parsed json(R"(["blob","",["readable",2]])");
  auto result = evaluate(*json, &importer, Limits{});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(), "too large");
  EXPECT_THAT(log, ElementsAre("release pipe"));
}

// ---- map()

TEST_F(EvaluateCapabilities, StartsAMap_R1) {
  EXPECT_EQ(evaluated(R"(["remap",1,["ids"],[],[["pipeline",0]]])"), "<result.ids.map()?>");
  EXPECT_THAT(log(), ElementsAre(R"(map result.ids [] [["pipeline",0]])"));
  EXPECT_TRUE(holds_promises());
}

TEST_F(EvaluateCapabilities, TakesCaptures_R5_R6) {
  evaluated(R"(["remap",1,[],[["import",0],["export",-4],["import",0],["import",1]],[1]])");
  EXPECT_EQ(log()[0], "import -4");
  EXPECT_EQ(log()[1], "map result [<main>,<peer-4>,<main>,<result>] [1]");
}

TEST_F(EvaluateCapabilities, GivesAMapTheBudgetOfItsContext_L8) {
  Log log;
  FakeImporter importer(log);
  importer.budget = std::make_shared<detail::MapBudget>(detail::MapBudget{.limit = 7});
  Parsed json(R"(["remap",0,[],[],[1]])");
  ASSERT_TRUE(evaluate(*json, &importer, Limits{}));
  EXPECT_EQ(log[0], "map main [] [1] in 7 steps");
}

TEST_F(EvaluateCapabilities, HandsInstructionsOnAsTheyWere_R4) {
  // Not evaluated: neither depth nor names nor ids are looked at. Every number survives.
  const std::string instructions =
      R"(["",null,true,false,-0,0,1e+21,1e999,-1e999,"a\"\u0001)"
      "\xC3\xA9"
      R"(\ud800",{},{"a":[],"a":{"toString":["foo"]}},["pipeline",-1,["sq"],[["pipeline",0]]]])";
  evaluated(R"(["remap",1,[],[],)" + instructions + "]");
  EXPECT_EQ(log()[0], "map result [] " + instructions);
  const std::string deep = nested(300, "1");
  evaluated(R"(["remap",1,[],[],)" + deep + "]");
  EXPECT_EQ(log()[0], "map result [] " + deep);
}

TEST_F(EvaluateCapabilities, RefusesBadMaps_R17) {
  for (const char* text :
       {R"(["remap",1,[],[]])", R"(["remap",1,[],[],[],1])", R"(["remap","1",[],[],[1]])",
        R"(["remap",1,"a",[],[1]])", R"(["remap",1,[],{},[1]])", R"(["remap",1,[],[],1])",
        R"(["remap",1,[null],[],[1]])"}) {
    EXPECT_EQ(evaluated(text), "TypeError: unknown special value: " + std::string(text));
    EXPECT_THAT(log(), IsEmpty());
  }
  EXPECT_EQ(evaluated(R"(["remap",9,[],[],[1]])"), "no such entry on exports table: 9");
}

TEST_F(EvaluateCapabilities, RefusesBadCaptures_R5) {
  for (const char* capture : {R"(["pipeline",0])", R"(["import"])", R"(["import","0"])",
                              R"(["import",0,["a"]])", "5", "[]", R"([0,0])", R"(["promise",-1])"})
    EXPECT_EQ(evaluated(R"(["remap",1,[],[)" + std::string(capture) + "],[1]]"),
              "TypeError: unknown map capture: " + std::string(capture));
  EXPECT_EQ(evaluated(R"(["remap",1,[],[["import",9]],[1]])"), "no such entry on exports table: 9");
  EXPECT_EQ(evaluated(R"(["remap",1,[],[["export",-13]],[1]])"), "no import -13");
  EXPECT_EQ(evaluated(R"(["remap",1,[],[["export",-1.5]],[1]])"),
            R"(TypeError: unknown special value: ["export",-1.5])");
}

TEST_F(EvaluateCapabilities, ReleasesCapturesOfABadMap_R17) {
  evaluated(R"(["remap",1,[],[["export",-1],5],[1]])");
  EXPECT_THAT(log(), ElementsAre("import -1", "release peer-1"));
}

// ---- Without a session

TEST(EvaluateWithoutSession, RefusesCapabilities_V66) {
  EXPECT_EQ(echo(R"(["import",0])"), "no such entry on exports table: 0");
  EXPECT_EQ(echo(R"(["pipeline",0,["a"],[]])"), "no such entry on exports table: 0");
  EXPECT_EQ(echo(R"(["remap",0,[],[],[]])"), "no such entry on exports table: 0");
  const std::string no_stubs = "Cannot deserialize RPC stubs without an RPC session.";
  EXPECT_EQ(echo(R"(["export",-1])"), no_stubs);
  EXPECT_EQ(echo(R"(["promise",-1])"), no_stubs);
  EXPECT_EQ(echo(R"(["writable",-1])"), no_stubs);
  const std::string no_pipes = "Cannot retrieve pipe readable without an RPC session.";
  EXPECT_EQ(echo(R"(["readable",1])"), no_pipes);
  EXPECT_EQ(echo(R"(["blob","",["readable",1]])"), no_pipes);
}

}  // namespace
}  // namespace capnweb::testing
