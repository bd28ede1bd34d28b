// call_meter.hpp: how many of a peer's calls are under way.
#pragma once

#include <capnweb/detail/ref.hpp>
#include <capnweb/fwd.hpp>
#include <cstddef>
#include <utility>

namespace capnweb::detail {

class CopyBudget;
class StreamBudget;

// Counts what a peer's calls leave behind when their messages have been handled: handlers that are
// suspended, calls that wait for their arguments or for the promise they were made on. Each of them
// holds a lease. Releasing the call's result ends none of them (M-25), so the tables do not bound
// them.
//
// The session has one, and it is the thread's current one while a message is handled. Who takes a
// lease then makes its meter current again while it makes the call that has waited. Calls that the
// application makes for itself have no meter and are not counted.
class CallMeter final : public RefCounted {
 public:
  // `most_streamed`: bytes of the peer's writes to streams that may wait. `most_copied`: of copies
  // that its reads hold.
  CallMeter(std::size_t most, std::size_t most_streamed, std::size_t most_copied) noexcept;
  ~CallMeter() override;
  std::size_t leases() const noexcept { return leases_; }

  // Whether a call that begins now is one too many.
  static bool is_full() noexcept { return current && current->leases_ >= current->most_; }
  // What such a call is rejected with. REQUIRES: is_full().
  static Error refusal();
  // References that searches for circles may still look at (src/cap/cycle.hpp), when the one that
  // is current counts; null: as many as there are.
  static constexpr std::size_t kMostSearches = 1'000'000;
  static std::size_t* searches() noexcept;
  // What the peer's writes to streams count into; made on first use.
  Ref<StreamBudget> stream_budget();
  // The one for a write that is made now, or null.
  static Ref<StreamBudget> streams();
  // Whether what is done now is a peer's.
  static bool is_metering() noexcept { return current != nullptr; }
  // What its copies count into. REQUIRES: is_metering().
  static const Ref<CopyBudget>& copies();

  // One call of the meter that was current when it was taken; of none if there was none.
  class Lease {
   public:
    Lease() noexcept = default;
    static Lease take() noexcept { return Lease(current); }
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&& other) noexcept {
      std::swap(meter_, other.meter_);
      return *this;
    }
    ~Lease() {
      if (meter_) --meter_->leases_;
    }
    const Ref<CallMeter>& meter() const noexcept { return meter_; }

   private:
    explicit Lease(CallMeter* meter) noexcept : meter_(meter) {
      if (meter_) ++meter_->leases_;
    }
    Ref<CallMeter> meter_;
  };

  // Makes a meter, or none, the current one as long as it lives.
  class Scope {
   public:
    explicit Scope(Ref<CallMeter> meter) noexcept
        : meter_(std::move(meter)), outer_(std::exchange(current, meter_.get())) {}
    ~Scope() { current = outer_; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Ref<CallMeter> meter_;
    CallMeter* outer_;
  };

 private:
  static constinit thread_local CallMeter* current;

  const std::size_t most_;
  const std::size_t most_streamed_;
  const std::size_t most_copied_;
  Ref<StreamBudget> streams_;
  Ref<CopyBudget> copies_;
  std::size_t leases_ = 0;
  std::size_t searches_ = kMostSearches;
};

}  // namespace capnweb::detail
