#include "session/export_table.hpp"

#include <cmath>
#include <utility>

#include "session/session_core.hpp"

namespace capnweb::detail {

void PendingAnswer::on_settled() noexcept { session_.answer_ready(*this); }

ExportId ExportTable::add_push(Export entry) {
  const std::uint64_t id = next_push_++;
  pushed_.insert(id, std::move(entry));
  return static_cast<ExportId>(id);
}

ExportId ExportTable::offer(Export entry) {
  const std::uint64_t id = next_offer_++;
  offered_.insert(id, std::move(entry));
  return static_cast<ExportId>(-static_cast<std::int64_t>(id));
}

Export* ExportTable::find(double id) noexcept {
  // A fractional id is simply not found (M-6); nor is one that no table could hold.
  if (std::trunc(id) != id || std::abs(id) > 9007199254740992.0) return nullptr;
  return find(static_cast<ExportId>(id));
}

Export* ExportTable::find(ExportId id) noexcept {
  const auto number = static_cast<std::int64_t>(id);
  if (number > 0) return pushed_.find(static_cast<std::uint64_t>(number));
  if (number < 0) return offered_.find(static_cast<std::uint64_t>(-number));
  return main_ ? &main_ : nullptr;
}

Export ExportTable::take(ExportId id) {
  const auto number = static_cast<std::int64_t>(id);
  if (number > 0) return pushed_.take(static_cast<std::uint64_t>(number));
  if (number < 0) return offered_.take(static_cast<std::uint64_t>(-number));
  return std::exchange(main_, Export());
}

std::vector<Export> ExportTable::take_all() {
  std::vector<Export> all = pushed_.take_all();
  for (Export& entry : offered_.take_all()) all.push_back(std::move(entry));
  all.push_back(std::exchange(main_, Export()));
  for (auto& orphan : std::exchange(orphans_, {})) all.push_back({.answer = std::move(orphan)});
  return all;
}

void ExportTable::keep_orphan(std::unique_ptr<PendingAnswer> answer) {
  answer->place_ = orphans_.size();
  orphans_.push_back(std::move(answer));
}

std::unique_ptr<PendingAnswer> ExportTable::take_orphan(const PendingAnswer& answer) {
  std::swap(orphans_[answer.place_], orphans_.back());
  orphans_[answer.place_]->place_ = answer.place_;
  auto taken = std::move(orphans_.back());
  orphans_.pop_back();
  return taken;
}

}  // namespace capnweb::detail
