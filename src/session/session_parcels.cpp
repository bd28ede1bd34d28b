// session_parcels.cpp: what a session says to another one in this process.
#include <capnweb/detail/resolver.hpp>
#include <utility>

#include "session/session_core.hpp"

namespace capnweb::detail {

void SessionCore::take_parcels(Parcels& out) {
  out.clear();
  std::swap(out, *parcels_);
  unsent_answers_ = 0;
}

void SessionCore::ship(Parcel parcel) {
  if (end_reason_) return;  // M-46
  if (parcel.size == 0) parcel.size = sizeof(Parcel);
  parcels_->add(std::move(parcel));
  if (parcels_->list.size() == 1 && output_signal_) output_signal_();
}

// Gives the size.
Expected<std::size_t> SessionCore::ship_packed(Parcel parcel) {
  if (auto done = pack(parcel, *this, Ownership::kOwned); !done) return std::move(done.error());
  const std::size_t size = parcel.size;
  ship(std::move(parcel));
  if (!new_pipes_.empty()) start_pipes();
  return size;
}

HookRef SessionCore::ship_push(Parcel parcel) {
  if (auto shipped = ship_packed(std::move(parcel)); !shipped)
    return make_rejected(std::move(shipped.error()));
  return push_sent();
}

HookRef SessionCore::ship_map(Parcel parcel, MapProgram program) {
  auto captures = claim_captures(program);
  if (!captures) return make_rejected(std::move(captures.error()));
  parcel.claims = *std::move(captures);
  parcel.size = sizeof(Parcel) + program.instructions.size();
  parcel.instructions = std::move(program.instructions);
  ship(std::move(parcel));
  return push_sent();
}

// An error that cannot be sent, a thrown value perhaps, ends the session.
void SessionCore::ship_error(Parcel parcel, const Error& error) {
  if (auto done = pack_error(parcel, error, *this); !done) {
    if (parcel.type != Message::Type::kAbort) abort(std::move(done.error()));
    return;
  }
  ship(std::move(parcel));
}

}  // namespace capnweb::detail
