#include <capnweb/detail/collect.hpp>
#include <capnweb/detail/outcome.hpp>
#include <capnweb/detail/resolver.hpp>
#include <capnweb/value.hpp>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cap/readable_hook.hpp"
#include "cap/stream_budget.hpp"
#include "cap/turn.hpp"

namespace capnweb::detail {

namespace {

// Reads until the end. Owns itself until then, or until nobody wants the result any more.
class Collector final : private Waiter {
 public:
  Collector(Ref<ReadableHook> source, std::optional<std::string> type, Ref<StreamBudget> budget)
      : source_(std::move(source)), type_(std::move(type)), budget_(std::move(budget)) {}
  ~Collector() override { budget_->give_back(bytes_.size()); }

  static HookRef start(std::unique_ptr<Collector> collector) {
    HookRef promise = collector->done_.promise();
    if (!collector->source_->lock()) {
      collector->done_.reject(Error::type_error("Invalid state: ReadableStream is locked"));
    } else if (Collector* const waiting = collector.release(); waiting->run()) {
      delete waiting;
    }
    return promise;
  }

 private:
  void on_settled() noexcept override {
    if (run()) delete this;
  }

  // False while it waits for a chunk.
  bool run() {
    for (;;) {
      if (!done_.is_wanted()) return true;
      if (!read_) read_ = source_->read();
      if (!read_->outcome()) {
        read_->wait(*this);
        return false;
      }
      if (take(*std::exchange(read_, nullptr)->outcome())) return true;
    }
  }

  // True when it was the last.
  bool take(const Outcome& outcome) {
    if (outcome.is_error()) {
      done_.reject(outcome.error());
      return true;
    }
    const auto* chunk = outcome.value().get_if<Array>();
    if (!chunk) {
      finish();
      return true;
    }
    const auto* bytes = chunk->front().get_if<Bytes>();
    if (!bytes || bytes->kind() != BytesKind::kUint8Array)
      return fail(Error::type_error("Received non-Uint8Array chunk"));
    if (!budget_->take(bytes->size())) return fail(budget_->exceeded());
    bytes_.insert(bytes_.end(), bytes->vector().begin(), bytes->vector().end());
    return false;
  }

  bool fail(const Error& error) {
    source_->cancel(error);
    done_.reject(error);
    return true;
  }

  void finish() {
    budget_->give_back(bytes_.size());
    Bytes whole(std::exchange(bytes_, {}));
    if (type_) {
      done_.resolve(Value(Blob{std::move(*type_), std::move(whole)}));
    } else {
      done_.resolve(Value(std::move(whole)));
    }
  }

  Ref<ReadableHook> source_;
  std::optional<std::string> type_;  // of a Blob
  Ref<StreamBudget> budget_;
  std::vector<std::byte> bytes_;
  Resolver done_;
  HookRef read_;
};

HookRef collect(const HookRef& readable, std::optional<std::string> type,
                Ref<StreamBudget> budget) {
  auto* source = dynamic_cast<ReadableHook*>(readable.get());
  if (!source) return make_rejected(Error::type_error("This is no ReadableStream."));
  return Collector::start(
      std::make_unique<Collector>(Ref<ReadableHook>(source), std::move(type), std::move(budget)));
}

}  // namespace

HookRef collect_bytes(const HookRef& readable, std::size_t most) {
  return collect(readable, std::nullopt, make_ref<StreamBudget>(most));
}

HookRef collect_blob(std::string type, const HookRef& readable, Ref<StreamBudget> budget) {
  return collect(readable, std::move(type), std::move(budget));
}

}  // namespace capnweb::detail
