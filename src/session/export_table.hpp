// export_table.hpp: what the peer can reach, by id.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <cstdint>
#include <memory>
#include <vector>

#include "cap/recycled.hpp"
#include "session/id_table.hpp"
#include "wire/expression.hpp"

namespace capnweb::detail {

class SessionCore;

// A pull of the peer that waits for its promise. Outlives the export: a result that was pulled is
// sent even if it was released in the meantime (M-25).
class PendingAnswer final : public Waiter, public Recycled<PendingAnswer> {
 public:
  PendingAnswer(SessionCore& session, ExportId id, HookRef hook)
      : session_(session), id_(id), hook_(std::move(hook)) {}
  ExportId id() const noexcept { return id_; }
  const HookRef& hook() const noexcept { return hook_; }

 private:
  friend class ExportTable;
  void on_settled() noexcept override;

  SessionCore& session_;
  ExportId id_;
  HookRef hook_;
  std::size_t place_ = 0;  // among the orphans
};

struct Export {
  HookRef hook = {};
  HookRef readable = {};  // of a pipe, until it has been mentioned (S-14)
  std::int64_t refcount = 1;
  std::unique_ptr<PendingAnswer> answer = {};  // while a pull waits
  bool is_pulled = false;  // it is answered once, however often it is pulled (M-13)
  bool is_stream = false;  // released by its answer (M-36)
  explicit operator bool() const noexcept { return static_cast<bool>(hook); }
};

// Owns a reference to each hook until the peer has released as many as were sent. Positive ids
// answer the peer's pushes in their order, negative ids are ours to give; none is ever used twice
// (M-3, M-4). Calls no user code.
class ExportTable {
 public:
  // The main object, id 0.
  explicit ExportTable(HookRef main) { set_main(std::move(main)); }
  void set_main(HookRef main) { main_.hook = std::move(main); }

  // The result of the peer's next push.
  ExportId add_push(Export entry);
  // Something we offer, under a fresh id, also if it was offered before (M-19).
  ExportId offer(Export entry);

  // The entry, or null. Valid until the table changes.
  Export* find(double id) noexcept;
  Export* find(ExportId id) noexcept;

  // Removes an entry. Let it go once everything is consistent: its end may run user code.
  // REQUIRES: it is there.
  [[nodiscard]] Export take(ExportId id);
  [[nodiscard]] std::vector<Export> take_all();

  // Answers whose export is gone.
  void keep_orphan(std::unique_ptr<PendingAnswer> answer);
  [[nodiscard]] std::unique_ptr<PendingAnswer> take_orphan(const PendingAnswer& answer);

  std::size_t window_capacity() const noexcept { return pushed_.window_capacity(); }
  std::size_t size() const noexcept { return pushed_.size() + offered_.size() + (main_ ? 1 : 0); }
  // All that the peer makes us keep.
  std::size_t held() const noexcept { return size() + orphans_.size(); }

 private:
  Export main_;
  IdTable<Export> pushed_;
  IdTable<Export> offered_;
  std::uint64_t next_push_ = 1;
  std::uint64_t next_offer_ = 1;
  std::vector<std::unique_ptr<PendingAnswer>> orphans_;
};

}  // namespace capnweb::detail
