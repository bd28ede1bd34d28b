#include "cap/map_replay.hpp"

#include <capnweb/detail/resolver.hpp>
#include <capnweb/limits.hpp>
#include <optional>
#include <utility>

#include "cap/copied.hpp"
#include "value/json_tape.hpp"
#include "wire/expression.hpp"

namespace capnweb::detail {

namespace {

HookRef hook_of(Value value) {
  if (auto* stub = value.get_if<StubRef>()) return stub->hook;
  return make_resolved(std::move(value));
}

HookRef copied_hook_of(const Value& value) {
  if (auto* stub = value.get_if<StubRef>()) return stub->hook;
  return make_copied(value);
}

// One run of the program. Its instructions see a table of their own: 0 is the input, positive
// numbers are results of earlier instructions, negative ones captures.
class Application final : public Importer {
 public:
  Application(const std::vector<HookRef>& captures, std::shared_ptr<MapBudget> budget,
              HookRef input)
      : captures_(captures), budget_(std::move(budget)), input_(std::move(input)) {}

  Expected<Value> run(JsonView instructions) {
    std::size_t left = instructions.size();
    for (JsonView instruction : instructions) {
      // Always the default limits.
      auto result = evaluate(instruction, this, Limits{});
      if (!result) return std::move(result.error());
      if (--left == 0) return std::move(result->value);
      results_.push_back(hook_of(std::move(result->value)));
    }
    return Error("Invalid empty mapper function.");
  }

  Expected<HookRef> import_stub(ImportId) override { return refuse_exports(); }
  Expected<HookRef> import_promise(ImportId) override { return refuse_exports(); }
  Expected<HookRef> import_writable(ImportId) override { return refuse_exports(); }
  Expected<HookRef> take_readable(ExportId) override {
    return Error("A mapper function cannot use pipe readables.");
  }
  Expected<HookRef> collect_blob(std::string, HookRef) override {
    return Error("A mapper function cannot use pipe readables.");
  }
  Expected<HookRef> find_export(ExportId id) override {
    const auto index = static_cast<std::int64_t>(id);
    if (index == 0) return input_;
    const auto& table = index > 0 ? results_ : captures_;
    const auto place = static_cast<std::uint64_t>(index > 0 ? index : -index) - 1;
    if (place < table.size()) return table[place];
    return Error("no such entry on exports table: " + std::to_string(index));
  }
  // Of one map and those inside of it, also of those that wait for their input.
  std::shared_ptr<MapBudget> map_budget() override { return budget_; }

 private:
  static Error refuse_exports() { return Error("A mapper function cannot refer to exports."); }

  const std::vector<HookRef>& captures_;
  std::shared_ptr<MapBudget> budget_;
  HookRef input_;
  std::vector<HookRef> results_;
};

// So many bytes of an instruction weigh as much as another instruction: a peer must not have a long
// text copied for each element.
constexpr std::size_t kBytesPerStep = 256;

// Takes what so many runs of the program need, or gives the error and takes nothing.
std::optional<Error> spend(MapBudget* budget, std::size_t runs, std::size_t instructions,
                           std::size_t text_size) {
  if (!budget) return std::nullopt;
  const std::size_t steps = instructions + text_size / kBytesPerStep;
  if (steps == 0 || runs <= budget->left / steps) {
    budget->left -= runs * steps;
    return std::nullopt;
  }
  return Error::range_error("This map() takes more than " + std::to_string(budget->limit) +
                            " steps (instructions times elements, maps inside of it included); map "
                            "fewer elements at a time, or raise Limits::max_map_steps.");
}

}  // namespace

HookRef replay_map(const Value& input, MapProgram program) {
  BorrowedTape tape;
  auto instructions = tape->parse(program.instructions);
  if (!instructions) return make_rejected(std::move(instructions.error()));
  if (input.is_null() || input.is_undefined()) return make_resolved(input);
  const auto* array = input.get_if<Array>();
  // Of all runs at once, so that a map that is refused has called nothing.
  if (auto refused = spend(program.budget.get(), array ? array->size() : 1, instructions->size(),
                           program.instructions.size()))
    return make_rejected(std::move(*refused));
  std::vector<HookRef> captures;
  captures.reserve(program.captures.size());
  for (Value& capture : program.captures) captures.push_back(hook_of(std::move(capture)));

  const auto apply = [&](const Value& element) {
    return Application(captures, program.budget, copied_hook_of(element)).run(*instructions);
  };
  if (array) {
    Array results;
    results.reserve(array->size());
    for (const Value& element : *array) {
      auto result = apply(element);
      if (!result) return make_rejected(std::move(result.error()));
      results.push_back(std::move(*result));
    }
    return make_resolved(Value(std::move(results)));
  }
  auto result = apply(input);
  return result ? make_resolved(std::move(*result)) : make_rejected(std::move(result.error()));
}

}  // namespace capnweb::detail
