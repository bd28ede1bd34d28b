#include "cap/map_recorder.hpp"

#include <algorithm>
#include <utility>

#include "value/json_writer.hpp"

namespace capnweb::detail {

namespace {

constinit thread_local MapRecorder* current_recorder = nullptr;

Error placeholder_misuse() {
  return Error(
      "Attempted to use an abstract placeholder from a mapper function. Please make sure your map "
      "function has no side effects.");
}

Error made_inside_misuse() {
  return Error(
      "Can't construct an RpcTarget or RPC callback inside a mapper function. Try creating a new "
      "RpcStub outside the callback first, then using it inside the callback.");
}

Error stream_misuse() { return Error("Cannot send ReadableStream inside a mapper function."); }

void write_places(const std::vector<std::int64_t>& places, std::string& out) {
  out += '[';
  for (const std::int64_t& place : places) {
    if (&place != places.data()) out += ',';
    out += R"(["import",)";
    write_json_integer(out, place);
    out += ']';
  }
  out += ']';
}

}  // namespace

// What stands in the callback for a value that only the replay will have. Only its recorder knows
// it; to everybody else, and when the recording has ended, it is a rejected promise (R-25).
class Placeholder final : public Hook {
 public:
  Placeholder(MapRecorder& recorder, std::int64_t place) : recorder_(&recorder), place_(place) {}

  const MapRecorder* recorder() const noexcept { return recorder_; }
  std::int64_t place() const noexcept { return place_; }
  void recording_ended() noexcept { recorder_ = nullptr; }

  HookRef call(PathView, Arguments) override { return HookRef(this); }
  HookRef get(PathView) override { return HookRef(this); }
  HookRef map(PathView, MapProgram) override { return HookRef(this); }
  Outcome* outcome() override { return &outcome_; }
  void wait(Waiter&) override {}
  std::shared_ptr<void> on_broken(std::function<void(const Error&)> callback) override {
    callback(outcome_.error());
    return nullptr;
  }

 private:
  const MapRecorder* recorder_;
  std::int64_t place_;
  Outcome outcome_{placeholder_misuse()};
};

// ---- Beginning and end

MapRecorder* MapRecorder::current() noexcept { return current_recorder; }

MapRecorder::MapRecorder(HookRef subject, PathView path)
    : parent_(current_recorder), subject_(std::move(subject)), path_(path.begin(), path.end()) {
  if (parent_) subject_place_ = parent_->place_of(*subject_);
  add_placeholder();
  current_recorder = this;
}

MapRecorder::~MapRecorder() {
  stop();
  for (const auto& placeholder : placeholders_) placeholder->recording_ended();
}

void MapRecorder::stop() noexcept {
  if (current_recorder == this) current_recorder = parent_;
}

HookRef MapRecorder::finish(const Value& result) {
  auto done = devaluate(result, this, Ownership::kOwned, instructions_);
  if (!done) throw std::move(done.error());
  instructions_ += ']';
  stop();
  if (parent_) return parent_->add_instruction(remap_instruction());
  return subject_->map(path_, {std::move(captures_), std::move(instructions_)});
}

// ["remap",subject,path,[["import",n],...],instructions], the captures by the numbers that the
// outer program has for them (R-7).
std::string MapRecorder::remap_instruction() const {
  std::string text = R"(["remap",)";
  write_json_integer(text, subject_place_);
  text += ',';
  write_path(path_, text);
  text += ',';
  write_places(outer_places_, text);
  text += ',';
  text += instructions_;
  text += ']';
  return text;
}

// ---- Instructions

HookRef MapRecorder::input() const { return placeholders_.front(); }

HookRef MapRecorder::add_placeholder() {
  const auto place = static_cast<std::int64_t>(placeholders_.size());
  placeholders_.push_back(make_ref<Placeholder>(*this, place));
  return placeholders_.back();
}

HookRef MapRecorder::add_instruction(const std::string& instruction) {
  instructions_ += instruction;
  instructions_ += ',';
  return add_placeholder();
}

HookRef MapRecorder::call(Hook& callee, PathView path, std::span<const Value> arguments) {
  std::string arguments_text;  // first: the reference numbers their captures first
  auto done = devaluate_arguments(arguments, this, arguments_text);
  if (!done) throw std::move(done.error());
  std::string text = R"(["pipeline",)";
  write_json_integer(text, place_of(callee));
  text += ',';
  write_path(path, text);
  text += ',';
  text += arguments_text;
  text += ']';
  return add_instruction(text);
}

// ---- Captures

void MapRecorder::note_target(const HookRef& target) {
  if (!current_recorder) return;
  MapRecorder* outermost = current_recorder;
  while (outermost->parent_) outermost = outermost->parent_;
  outermost->made_inside_.push_back(target);
}

bool MapRecorder::was_made_inside(const Hook& hook) const {
  return std::any_of(made_inside_.begin(), made_inside_.end(),
                     [&](const HookRef& made) { return made.get() == &hook; });
}

std::optional<std::int64_t> MapRecorder::find_or_capture(Hook& hook) {
  const auto* placeholder = dynamic_cast<const Placeholder*>(&hook);
  if (placeholder && placeholder->recorder() == this) return placeholder->place();
  if (const auto found = captured_.find(&hook); found != captured_.end()) return found->second;
  if (parent_) {
    const auto outer_place = parent_->find_or_capture(hook);
    if (!outer_place) return std::nullopt;
    outer_places_.push_back(*outer_place);
  } else {
    if (placeholder || was_made_inside(hook)) return std::nullopt;
    captures_.emplace_back(StubRef{HookRef(&hook)});
  }
  const auto place = -static_cast<std::int64_t>(captured_.size()) - 1;
  captured_.emplace(&hook, place);
  return place;
}

std::int64_t MapRecorder::place_of(Hook& hook) {
  const auto place = find_or_capture(hook);
  if (!place) throw refusal(hook);
  return *place;
}

Error MapRecorder::refusal(Hook& hook) const {
  return dynamic_cast<const Placeholder*>(&hook) ? placeholder_misuse() : made_inside_misuse();
}

bool is_being_recorded(const Hook& hook) noexcept {
  if (!current_recorder) return false;  // spares every await the cast
  const auto* placeholder = dynamic_cast<const Placeholder*>(&hook);
  return placeholder && placeholder->recorder();
}

void refuse_placeholder(const Hook& hook) {
  if (is_being_recorded(hook)) throw placeholder_misuse();
}

// ---- Exporter

std::optional<ImportId> MapRecorder::find_import(Hook& hook) {
  const auto place = find_or_capture(hook);
  if (!place) return std::nullopt;
  return ImportId{*place};
}

Expected<ExportId> MapRecorder::export_stub(HookRef hook) { return refusal(*hook); }
Expected<ExportId> MapRecorder::export_promise(HookRef hook) { return refusal(*hook); }
Expected<ExportId> MapRecorder::export_writable(HookRef) { return made_inside_misuse(); }
Expected<ImportId> MapRecorder::create_pipe(HookRef) { return stream_misuse(); }
Expected<ImportId> MapRecorder::create_pipe(Bytes) { return stream_misuse(); }

}  // namespace capnweb::detail
