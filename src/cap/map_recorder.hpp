// map_recorder.hpp: writing down what the callback of a map() does (section 6 of the rules).
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/detail/outcome.hpp>
#include <capnweb/value.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "cap/turn.hpp"
#include "wire/expression.hpp"

namespace capnweb::detail {

class Placeholder;

// While one lives, calls made on its thread, on whatever stub or promise, become instructions of
// its program, and nothing is sent. A map() inside of the callback has a recorder of its
// own, whose program becomes one instruction of the outer one.
//
// Its placeholders, the input and the results of the calls, outlive it as rejected promises.
class MapRecorder final : private Exporter {
 public:
  // Begins to record a map over what lies at the end of `path` in `subject`. Throws Error if that
  // cannot be referred to.
  MapRecorder(HookRef subject, PathView path);
  // Ends it, also when finish() was not reached.
  ~MapRecorder() override;
  MapRecorder(const MapRecorder&) = delete;
  MapRecorder& operator=(const MapRecorder&) = delete;

  // The innermost recorder of this thread, or null.
  static MapRecorder* current() noexcept;
  // An object or function was made here. During a recording that is misuse, if it is sent.
  static void note_target(const HookRef& target);

  // The element.
  HookRef input() const;
  // Writes a call down and gives the placeholder of its result. Throws Error if an argument cannot
  // be a part of a program.
  HookRef call(Hook& callee, PathView path, std::span<const Value> arguments);
  // The callback has returned `result`: ends the recording, and starts the map or, inside of
  // another callback, writes it down there. Throws like call().
  HookRef finish(const Value& result);

 private:
  // The place of `hook` in the program's own numbering: 0 is the input, positive numbers are
  // results, negative ones captures. Nothing if a program cannot refer to it.
  std::optional<std::int64_t> find_or_capture(Hook& hook);
  std::int64_t place_of(Hook& hook);
  HookRef add_instruction(const std::string& instruction);
  HookRef add_placeholder();
  std::string remap_instruction() const;
  bool was_made_inside(const Hook& hook) const;
  Error refusal(Hook& hook) const;
  void stop() noexcept;

  // Exporter: everything that a program mentions is captured, nothing is offered.
  std::optional<ImportId> find_import(Hook& hook) override;
  Expected<ExportId> export_stub(HookRef hook) override;
  Expected<ExportId> export_promise(HookRef hook) override;
  Expected<ExportId> export_writable(HookRef hook) override;
  void unexport(ExportId) override {}
  Expected<ImportId> create_pipe(HookRef readable) override;
  Expected<ImportId> create_pipe(Bytes bytes) override;
  void abandon_pipe(ImportId) override {}
  std::optional<Error> on_send_error(const Error&) override { return std::nullopt; }

  const Turn turn_;  // what settles meanwhile is no part of the program: it runs afterwards
  MapRecorder* const parent_;
  HookRef subject_;
  std::int64_t subject_place_ = 0;  // of a nested map, in its parent's numbering
  Path path_;
  std::vector<Ref<Placeholder>> placeholders_;
  std::unordered_map<const Hook*, std::int64_t> captured_;
  std::vector<Value> captures_;             // of the outermost map
  std::vector<std::int64_t> outer_places_;  // of a nested one: its captures' places in its parent
  std::vector<HookRef> made_inside_;        // of the outermost map
  std::string instructions_ = "[";
};

// Whether `hook` is a placeholder of a recording that goes on: it may be called, not waited for.
bool is_being_recorded(const Hook& hook) noexcept;

// Throws the Error of R-25 if it is.
void refuse_placeholder(const Hook& hook);

}  // namespace capnweb::detail
