// session.cpp: a session against a peer that sends whatever stands in the input, one message a
// line. A line that begins with '~' is what our own side does meanwhile, one letter a step.
//
// Whatever comes, what we send must be what an honest peer may send, and when the session has
// ended nothing must be left of it: no object, and no memory (LeakSanitizer).
#include <algorithm>
#include <capnweb/detail/stream.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/awaited.hpp"
#include "support/objects.hpp"
#include "support/output_checker.hpp"
#include "support/target.hpp"

namespace capnweb::fuzz {
namespace {

using detail::HookRef;
using detail::PromiseRef;

constexpr std::size_t kMostResults = 100;

class Run {
 public:
  explicit Run(World& world) : world_(world), session_(world.make_object(), {.limits = limits()}) {
    world_.stop = [this] { session_.close(); };
    world_.feed = [this](std::string_view text) { session_.receive(text); };
  }

  void line(std::string_view text) {
    if (!text.starts_with('~')) return session_.receive(text);
    for (const char step : text.substr(1)) act(step);
  }

  ~Run() {
    take_output();
    const detail::HookRef main = session_.remote_main().hook();
    session_.close();
    watches_.clear();
    awaited_.clear();
    results_.clear();
    written_ = nullptr;
    world_.clear();
    take_output();
    require(session_.stats() == Session::Stats{}, "an ended session has entries");
    require(static_cast<bool>(main->call({}, {})->outcome()), "a call after the end is pending");
  }

 private:
  static Limits limits() {
    Limits limits;
    limits.max_exports = limits.max_imports = 200;
    return limits;
  }

  void take_output() {
    session_.take_output(outbox_);
    checker_.check(outbox_);
  }

  HookRef last() const {
    return results_.empty() ? session_.remote_main().hook() : results_.back();
  }
  void add(HookRef result) {
    if (results_.size() < kMostResults) results_.push_back(std::move(result));
  }
  void call(const HookRef& hook, const char* method, Array arguments) {
    add(hook->call(Path{std::string(method)}, detail::Arguments{std::move(arguments)}));
  }
  static detail::MapProgram program(const HookRef& captured) {
    return {.captures = {Value(PromiseRef{captured})},
            .instructions = R"([["pipeline",-1,["a"],[["pipeline",0]]],["pipeline",1]])"};
  }

  void act(char step) {
    switch (step) {
      case 'c':
        return call(session_.remote_main().hook(), "method", {1, "text"});
      case 'o':
        return call(session_.remote_main().hook(), "object", {world_.make_object()});
      case 'l':
        return call(session_.remote_main().hook(), "later", {world_.give_promise()});
      case 'k':
        return call(last(), "kept", {world_.kept.empty() ? Value() : world_.kept.back()});
      case 's':
        return call(last(), "self", {Object{{"p", PromiseRef{last()}}}});
      case 'p':
        return call(last(), "pipelined", {});
      case 'g':
        return add(last()->get(Path{std::string("a"), 0.0}));
      case 'e':
        return add(last()->get({}));
      case 'm':
        return add(last()->map({}, program(last())));
      default:
        return act_on_streams(step);
    }
  }

  // Streams of ours, for the peer to read and to write.
  void act_on_streams(char step) {
    HookRef& out = written_;
    switch (step) {
      case 'v': {
        auto [readable, writable] = detail::make_stream();
        out = std::move(writable);
        return call(session_.remote_main().hook(), "readable", {detail::ReadableRef{readable}});
      }
      case 'u':
        return call(session_.remote_main().hook(), "writable", {world_.make_sink()});
      case 'b':
        return call(session_.remote_main().hook(), "blob", {Blob{"x/y", Bytes::from_text("blob")}});
      case 'i':
        if (out) add(detail::write_stream(out, 1));
        return;
      case 'I':
        if (out) add(detail::write_stream(out, PromiseRef{last()}));
        return;
      case 'y':
        if (out) add(detail::close_stream(out));
        return;
      case 'Y':
        if (out) add(detail::abort_stream(out, Error("enough")));
        return;
      case 'z':
        out = nullptr;
        return;
      default:
        return act_on_results(step);
    }
  }

  void act_on_results(char step) {
    switch (step) {
      case 'a':
        if (awaited_.size() < kMostResults)
          awaited_.push_back(std::make_unique<testing::Awaited>(last()));
        return;
      case 'w':
        return watches_.push_back(
            last()->on_broken([this](const Error&) { world_.reject_first(); }));
      case 'd':
        if (!results_.empty()) results_.erase(results_.begin());
        return;
      case 'D':
        return results_.clear();
      case 'n':
        return awaited_.clear();
      case 'r':
        return world_.resolve_first(7);
      case 'R':
        return world_.resolve_first(world_.make_object());
      case 'q':
        return world_.resolve_first(PromiseRef{last()});
      case 'Q':
        return world_.resolve_first(Array{PromiseRef{last()}, PromiseRef{last()}});
      case 'j':
        return world_.reject_first();
      case 't':
        return take_output();
      case 'x':
        return session_.close();
      case 'X':
        return session_.disconnected(Error("gone"));
      default:
        return;
    }
  }

  World& world_;
  OutputChecker checker_;
  Outbox outbox_;
  Session session_;
  std::vector<HookRef> results_;
  HookRef written_;  // the writing end of a stream that the peer may read
  std::vector<std::unique_ptr<testing::Awaited>> awaited_;
  std::vector<std::shared_ptr<void>> watches_;
};

}  // namespace
}  // namespace capnweb::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace capnweb::fuzz;
  std::string_view text = as_text(data, size);
  World world;
  {
    Run run(world);
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      run.line(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  require(world.objects == 0, "objects are left over");
  return 0;
}
