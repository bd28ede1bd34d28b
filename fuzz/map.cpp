// map.cpp: the replay of a map() whose instructions are whatever stands in the input, behind some
// bytes that choose what is mapped and what is captured.
//
// A bad program rejects the map, never the session; what it may do is bounded (L-8); and
// when all is settled and dropped, nothing is left in the tables of either side.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/awaited.hpp"
#include "support/bytes.hpp"
#include "support/map_input.hpp"
#include "support/objects.hpp"
#include "support/pair.hpp"
#include "support/target.hpp"
#include "value/json_tape.hpp"

namespace capnweb::fuzz {
namespace {

using detail::HookRef;
using detail::PromiseRef;
using detail::StubRef;

constexpr std::size_t kMostSteps = 500;
// A step may be an instruction or 256 bytes of one, in which a dozen calls fit; some of the
// objects' methods call once more.
constexpr std::size_t kMostCalls = kMostSteps * 40;

// Alice maps something of Bob's.
class Run {
 public:
  Run(World& alice, World& bob)
      : alice_(alice),
        bob_(bob),
        pair_(bob.make_object(), alice.make_object(),
              {.alice = {}, .bob = {.limits = {.max_map_steps = kMostSteps}}}) {}

  void map(ByteReader header, std::string instructions) {
    const HookRef main = pair_.alice.remote_main().hook();
    const std::size_t choice = header.below(8);
    const HookRef input = input_of(main, choice, header.byte());
    std::vector<Value> captures = captures_of(main, input, header.byte());
    const Path path = header.below(4) == 1 ? Path{std::string("a")} : Path{};
    const HookRef result = input->map(path, {std::move(captures), std::move(instructions)});
    awaited_ = std::make_unique<testing::Awaited>(result);
    pair_.run();
  }

  // Settles what is open and lets go of everything.
  void finish() {
    while (!alice_.open.empty() || !bob_.open.empty()) {
      alice_.resolve_first(7);
      bob_.resolve_first(Array{8, Object{{"a", bob_.make_object()}}});
      pair_.run();
    }
    awaited_.reset();
    while (!alice_.kept.empty() || !bob_.kept.empty() || !alice_.results.empty() ||
           !bob_.results.empty() || !alice_.open.empty() || !bob_.open.empty()) {
      alice_.clear();
      bob_.clear();
      pair_.run();
    }
    pair_.run();
  }

  void check() {
    const Session::Stats idle{.imports = 1, .exports = 1};
    for (const Session* session : {&pair_.alice, &pair_.bob}) {
      const Error* reason = session->end_reason();
      require(!reason, "a map ended the session", reason ? reason->what() : "");
      require(session->stats() == idle, "a map left something in the tables", pair_.log);
    }
    require(alice_.calls + bob_.calls <= kMostCalls, "a map called more than it may", pair_.log);
  }

 private:
  HookRef call(const HookRef& hook, const char* method, Array arguments) {
    return hook->call(Path{std::string(method)}, detail::Arguments{std::move(arguments)});
  }

  HookRef input_of(const HookRef& main, std::size_t choice, std::size_t size) {
    switch (choice) {
      case 0:
        return call(main, "echo", {nullptr});
      case 1:
        return call(main, "echo", {Object{{"a", Array{1, 2}}, {"b", "text"}}});
      case 2:
        return call(main, "echo", {Array(size, Value(1))});
      case 3:
        return call(main, "echo", {Array{Array{1, 2}, Array{}, Array{Array{3}}}});
      case 4:
        return call(main, "echo",
                    {Array{alice_.make_object(), Object{{"a", alice_.make_object()}}}});
      case 5:
        return call(main, "later", {});
      case 6:
        return call(main, "nest", {alice_.make_object()});
      default:
        return main->get(Path{std::string("list")});
    }
  }

  std::vector<Value> captures_of(const HookRef& main, const HookRef& input, unsigned choice) {
    std::vector<Value> captures;
    if (choice & 1) captures.emplace_back(StubRef{main});
    if (choice & 2) captures.push_back(alice_.make_object());
    if (choice & 4) captures.emplace_back(PromiseRef{input});
    if (choice & 8) captures.emplace_back(PromiseRef{call(main, "later", {})});
    if (choice & 16) captures.push_back(alice_.give_promise());
    if (choice & 32) captures.emplace_back(PromiseRef{main->get(Path{std::string("sink")})});
    return captures;
  }

  World& alice_;
  World& bob_;
  testing::Pair pair_;
  std::unique_ptr<testing::Awaited> awaited_;
};

// Whether a message can hold it as the instructions of a map.
bool is_a_program(std::string_view text) {
  JsonTape tape;
  const std::string within_message = "[[" + std::string(text) + "]]";
  auto message = tape.parse(within_message);
  return message && message->size() == 1 && (*message)[0].size() == 1 &&
         (*message)[0][0].is_array();
}

}  // namespace
}  // namespace capnweb::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace capnweb::fuzz;
  if (size < kMapHeader) return -1;
  const std::string_view text = as_text(data, size).substr(kMapHeader);
  if (!is_a_program(text)) return -1;
  World alice;
  World bob;
  {
    Run run(alice, bob);
    run.map(ByteReader(as_text(data, kMapHeader)), std::string(text));
    run.finish();
    run.check();
  }
  require(alice.objects == 0 && bob.objects == 0, "objects are left over");
  return 0;
}
