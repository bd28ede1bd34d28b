// expression.cpp: evaluating any text. What evaluates can be printed, what was printed evaluates,
// and from then on the text stays the same.
#include "wire/expression.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "support/target.hpp"
#include "value/json_tape.hpp"

namespace capnweb::fuzz {
namespace {

using detail::HookRef;

// Where a hook came from decides how it is printed: as what it was.
enum class Origin { kOurs, kStub, kPromise, kWritable, kReadable };

class EchoHook final : public detail::Hook {
 public:
  EchoHook(Origin origin, std::int64_t id, bool is_stub)
      : origin_(origin), id_(id), is_stub_(is_stub) {}

  Origin origin() const { return origin_; }
  std::int64_t id() const { return id_; }
  HookRef call(PathView, detail::Arguments) override { return result(); }
  HookRef get(PathView path) override { return path.empty() ? HookRef(this) : result(); }
  HookRef map(PathView, detail::MapProgram) override { return result(); }
  bool is_stub() const override { return is_stub_; }
  detail::Outcome* outcome() override { return nullptr; }
  void wait(detail::Waiter&) override {}
  std::shared_ptr<void> on_broken(std::function<void(const Error&)>) override { return nullptr; }

 private:
  // The results of all calls count as one promise: nobody asks which it is.
  static HookRef result() { return detail::make_ref<EchoHook>(Origin::kPromise, -1000, false); }

  Origin origin_;
  std::int64_t id_;
  bool is_stub_;
};

// Takes whatever ids there are, and writes them as they came.
class EchoImporter final : public Importer {
 public:
  Expected<HookRef> import_stub(ImportId id) override { return make(Origin::kStub, id, true); }
  Expected<HookRef> import_promise(ImportId id) override {
    return make(Origin::kPromise, id, false);
  }
  Expected<HookRef> import_writable(ImportId id) override {
    return make(Origin::kWritable, id, true);
  }
  // Every third of ours is missing, every other one is a promise.
  Expected<HookRef> find_export(ExportId id) override {
    const auto number = static_cast<std::int64_t>(id);
    if (number % 3 == 2) return Error("no such entry on exports table: " + std::to_string(number));
    return make(Origin::kOurs, id, number % 2 == 0);
  }
  Expected<HookRef> take_readable(ExportId id) override {
    return make(Origin::kReadable, id, true);
  }
  Expected<HookRef> collect_blob(std::string, HookRef) override {
    return make(Origin::kPromise, ImportId{-2000}, false);
  }
  std::shared_ptr<detail::MapBudget> map_budget() override { return nullptr; }

 private:
  template <class Id>
  static Expected<HookRef> make(Origin origin, Id id, bool is_stub) {
    return HookRef(detail::make_ref<EchoHook>(origin, static_cast<std::int64_t>(id), is_stub));
  }
};

class EchoExporter final : public Exporter {
 public:
  std::optional<ImportId> find_import(detail::Hook& hook) override {
    const auto& echo = static_cast<const EchoHook&>(hook);
    if (echo.origin() != Origin::kOurs) return std::nullopt;
    return static_cast<ImportId>(echo.id());
  }
  Expected<ExportId> export_stub(HookRef hook) override { return offer(*hook); }
  Expected<ExportId> export_promise(HookRef hook) override { return offer(*hook); }
  Expected<ExportId> export_writable(HookRef hook) override { return offer(*hook); }
  void unexport(ExportId) override { --open_exports; }
  Expected<ImportId> create_pipe(HookRef readable) override {
    ++open_pipes;
    return static_cast<ImportId>(static_cast<const EchoHook&>(*readable).id());
  }
  Expected<ImportId> create_pipe(Bytes) override {
    ++open_pipes;
    return ImportId{3000};
  }
  void abandon_pipe(ImportId) override { --open_pipes; }
  std::optional<Error> on_send_error(const Error&) override { return std::nullopt; }

  int open_exports = 0;
  int open_pipes = 0;

 private:
  Expected<ExportId> offer(const detail::Hook& hook) {
    ++open_exports;
    return static_cast<ExportId>(static_cast<const EchoHook&>(hook).id());
  }
};

std::optional<Value> read(std::string_view text, Importer* importer) {
  JsonTape tape;
  const auto json = tape.parse(text);
  if (!json) return std::nullopt;
  auto evaluated = evaluate(*json, importer, Limits{});
  if (evaluated) return std::move(evaluated->value);
  // A peer's input is quoted to a bounded length (L-11).
  require(evaluated.error().message().size() < 1024, "an error text is too long", text);
  return std::nullopt;
}

std::optional<std::string> print(const Value& value, EchoExporter* exporter) {
  std::string text = "before ";
  const auto done = devaluate(value, exporter, Ownership::kOwned, text);
  if (done) return text.substr(7);
  require(text == "before ", "a failed devaluation leaves text behind", text);
  require(!exporter || (exporter->open_exports == 0 && exporter->open_pipes == 0),
          "a failed devaluation leaves exports or pipes behind");
  // The body of a request or response always leaves as a stream (V-48).
  const bool needs_pipe =
      done.error().message() == "Can't serialize ReadableStream in this context.";
  require(!exporter && needs_pipe, "what evaluates cannot be sent", done.error().message());
  return std::nullopt;
}

std::string send_again(std::string_view text, Importer* in, EchoExporter* out) {
  const auto value = read(text, in);
  require(value.has_value(), "what was sent does not evaluate", text);
  const auto printed = print(*value, out);
  require(printed.has_value(), "what was sent cannot be sent again", text);
  return *printed;
}

void check_round_trip(std::string_view text, bool has_session) {
  EchoImporter importer;
  EchoExporter exporter;
  Importer* const in = has_session ? &importer : nullptr;
  EchoExporter* const out = has_session ? &exporter : nullptr;
  const auto value = read(text, in);
  if (!value) return;
  const auto printed = print(*value, out);
  if (!printed) return;
  // Two empty values of a header are one, ", ", that loses its space when it is read (as with the
  // reference). Anything else must be the same from the first time on.
  const auto second = send_again(*printed, in, out);
  const auto third = send_again(second, in, out);
  const bool may_change = printed->find(", \"") != std::string::npos;
  require(second == third && (may_change || *printed == second),
          "the text changes when it is sent again", *printed + '\n' + second + '\n' + third);
}

}  // namespace
}  // namespace capnweb::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = capnweb::fuzz::as_text(data, size);
  capnweb::fuzz::check_round_trip(text, true);
  capnweb::fuzz::check_round_trip(text, false);
  return 0;
}
