// session_core.hpp: the two tables of a session and what each message does to them.
#pragma once

#include <capnweb/detail/call_meter.hpp>
#include <capnweb/detail/ref.hpp>
#include <capnweb/session.hpp>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cap/promise_hook.hpp"
#include "cap/readable_hook.hpp"
#include "cap/settling_hook.hpp"
#include "cap/stream_budget.hpp"
#include "cap/writable_hook.hpp"
#include "session/export_table.hpp"
#include "session/id_table.hpp"
#include "session/import_hook.hpp"
#include "value/json_tape.hpp"
#include "wire/expression.hpp"
#include "wire/message.hpp"
#include "wire/parcel.hpp"

namespace capnweb::detail {

// A session without its public handle. The tables do not own it: the transport does, and each
// import does, so it lives as long as there is something to call.
class SessionCore final : public RefCounted, private Importer, private Exporter {
 public:
  SessionCore(Value local_main, SessionOptions options);
  // The sessions of a server share its options.
  SessionCore(Value local_main, std::shared_ptr<const SessionOptions> options);
  ~SessionCore() override;

  // What the peer sees as our main object, in place of the one given at first. REQUIRES: no message
  // of the peer has been handled.
  void set_local_main(Value local_main);
  // The peer cannot answer what we ask, as the client of a batch: its main object is none (T-15).
  void set_peer_without_main() noexcept { peer_has_main_ = false; }

  // As in Session.
  HookRef remote_main();
  Session::Stats stats() const noexcept;
  bool is_drained() const noexcept { return open_answers_ == 0 && !has_unsent_streams(); }
  HookRef drain();
  // Slots that the peer's pushes have cost, for tests.
  std::size_t export_window_capacity() const noexcept { return exports_.window_capacity(); }
  void close();
  const Error* end_reason() const noexcept { return end_reason_ ? &*end_reason_ : nullptr; }
  std::shared_ptr<void> on_broken(std::function<void(const Error&)> callback);
  void receive(std::string_view message);
  void take_output(Outbox& out);
  bool has_output() const noexcept { return !outbox_.empty() || (parcels_ && !parcels_->empty()); }
  // Bytes of output.
  std::size_t output_size() const noexcept {
    return outbox_.text.size() + (parcels_ ? parcels_->size : 0);
  }
  void on_output(std::function<void()> signal) { output_signal_ = std::move(signal); }
  void disconnected(Error reason);

  // Bytes that the transport has taken and not got rid of yet.
  void set_unsent(std::size_t bytes) noexcept { unsent_ = bytes; }

  // -- In place of texts: parcels, to and from a session of this process.
  // From now on. REQUIRES: nothing has been sent.
  void use_parcels() { parcels_ = std::make_unique<Parcels>(); }
  void receive(Parcel parcel);
  void take_parcels(Parcels& out);  // as take_output()

  // Whether any stub or promise of this session is left on this side.
  bool is_used() const noexcept { return imports_in_use_ > 0; }
  // `callback` runs when that is no longer so.
  void on_unused(std::function<void()> callback) {
    unused_ = callback ? std::make_unique<Unused>(*this, std::move(callback)) : nullptr;
  }

  // Pulls the promises that are still held and were neither pulled nor called nor passed on: for a
  // batch about to leave, after which nothing can be asked any more.
  void pull_held();

  // From now on nothing that is sent will be answered, as in a batch: streams are written whole,
  // without waiting for acknowledgements (T-10), up to Limits::max_stream_buffer in all.
  void send_without_answers() noexcept { is_one_way_ = true; }
  // Whether streams that were sent that way have not come to their end.
  bool has_unsent_streams() const noexcept { return is_one_way_ && open_pipes_ > 0; }

  // Ends the session as for a breach of the protocol: says so to the peer.
  void abort(Error reason) { end(std::move(reason), true); }

  // Stops a program that uses a session, or a stub of it, on a thread that is not the session's.
  // Debug builds only.
  void check_thread() const noexcept;

  // -- For imports.
  void import_made() noexcept { ++imports_in_use_; }
  void import_gone(ImportHook& hook) noexcept;
  HookRef send_call(ImportId id, PathView path, Arguments arguments);
  Written send_stream(ImportId id, PathView path, Arguments arguments);
  HookRef send_get(ImportId id, PathView path);
  HookRef send_map(ImportId id, PathView path, MapProgram program);
  void send_pull(ImportId id);
  void watch(const std::shared_ptr<BrokenWatch>& watch);

  // -- For streams.
  void pipe_opened() noexcept { ++open_pipes_; }
  void pipe_ended() noexcept {
    --open_pipes_;
    report_drained();
  }
  // Milliseconds.
  double now() const;

  // -- For answers: the promise behind `id` has settled.
  void answer_ready(PendingAnswer& answer) noexcept;

 private:
  // Runs a member function from the turn's queue.
  template <void (SessionCore::*kStep)()>
  class Later final : public Waiter {
   public:
    explicit Later(SessionCore& session) : session_(session) {}
    void schedule() {
      if (is_waiting()) return;
      Turn::add(*this);
    }

   private:
    void on_settled() noexcept override {
      const Ref<SessionCore> alive(&session_);
      (session_.*kStep)();
    }
    SessionCore& session_;
  };

  // Receiving. Each gives the error that ends the session, if any.
  using Verdict = std::optional<Error>;
  template <class Handle>
  void handle_one(Handle handle);
  Expected<Evaluated> evaluate_content(const Message& message, Importer& importer) const;
  Verdict handle(std::string_view text);
  Verdict check_size(std::string_view text) const;
  Verdict dispatch(const Message& message);
  bool receive_brief_call(std::string_view text, Verdict& verdict);
  Verdict receive_push(const Message& message, bool is_stream);
  Expected<HookRef> evaluate_push(const Message& message);
  Verdict add_push(Expected<HookRef> hook, bool is_stream);
  Verdict receive_pipe();
  Verdict receive_pull(double id);
  Verdict receive_resolution(const Message& message);
  Verdict receive_release(const Message& message);
  Verdict receive_abort(const Message& message);
  ImportHook* find_import(double id) noexcept;

  // Answering pulls.
  void start_answer(ExportId id, Export& entry);
  void send_answer(ExportId id, const HookRef& hook);
  void send_outcome(ExportId id, Hook& hook);
  void send_text(ExportId id, std::string_view expression);
  void report_drained();
  void send_reject(ExportId id, const Error& error);

  // Sending.
  HookRef push_sent(ImportHook::Role role = ImportHook::Role::kPromise);
  Expected<ImportId> open_pipe(Ref<ReadableHook> source);
  void start_pipes();
  Expected<std::vector<Claim>> claim_captures(const MapProgram& program);
  static HookRef captured_hook(const Value& capture);
  Expected<std::size_t> ship_packed(Parcel parcel);
  HookRef ship_push(Parcel parcel);
  HookRef ship_map(Parcel parcel, MapProgram program);
  void ship_error(Parcel parcel, const Error& error);
  void ship(Parcel parcel);
  template <class Print>
  void put_out_printed(Print print);
  template <class Print>
  Expected<Done> send_printed(bool is_plain, Print print);
  void put_out(std::string_view text);
  std::string& next_message();
  void end_message();
  void send(std::string_view text);
  void send_release(ImportId id, std::int64_t count);
  Verdict room_for_import() const;
  Verdict room_for_call() const;
  Verdict room_for_export() const;

  // Ending.
  void end(Error reason, bool tell_peer);
  void finish_ending();
  void report_unused();

  // Importer
  Expected<HookRef> import_stub(ImportId id) override;
  Expected<HookRef> import_promise(ImportId id) override;
  Expected<HookRef> find_export(ExportId id) override;
  Expected<HookRef> take_readable(ExportId id) override;
  Expected<HookRef> import_writable(ImportId id) override;
  Expected<HookRef> collect_blob(std::string type, HookRef readable) override;
  std::shared_ptr<MapBudget> map_budget() override;

  // Exporter
  std::optional<ImportId> find_import(Hook& hook) override;
  Expected<ExportId> export_stub(HookRef hook) override;
  Expected<ExportId> export_promise(HookRef hook) override;
  Expected<ExportId> export_writable(HookRef hook) override;
  void unexport(ExportId id) override;
  Expected<ImportId> create_pipe(HookRef readable) override;
  Expected<ImportId> create_pipe(Bytes bytes) override;
  void abandon_pipe(ImportId id) override;
  std::optional<Error> on_send_error(const Error& error) override;

  const std::thread::id thread_ = std::this_thread::get_id();
  const std::shared_ptr<const SessionOptions> options_;
  const Ref<CallMeter> calls_;  // of the peer
  bool is_receiving_ = false;
  bool peer_has_main_ = true;
  bool is_one_way_ = false;
  // While a resolution is evaluated: whether its promise was called before, and whether it names
  // something that is not the peer's.
  bool resolves_pipelined_ = false;
  bool resolves_to_ours_ = false;
  std::vector<std::string> received_meanwhile_;

  ExportTable exports_;
  std::size_t open_answers_ = 0;
  Ref<PromiseHook> drained_;  // once somebody waits for that

  ImportHook* main_import_ = nullptr;  // while somebody holds it
  IdTable<ImportHook*> asked_;         // results of our pushes, positive ids
  IdTable<ImportHook*> offered_;       // what the peer exported, negative ids
  std::uint64_t next_push_ = 1;
  std::size_t imports_in_use_ = 0;

  // A pipe that is fed once the message is sent that mentions it.
  struct NewPipe {
    ImportId id;
    Ref<ReadableHook> source;
    Ref<WritableHook> target;
  };
  std::vector<NewPipe> new_pipes_;
  std::size_t open_pipes_ = 0;
  std::size_t one_way_size_ = 0;

  Outbox outbox_;
  std::unique_ptr<Parcels> parcels_;  // the outbox, if parcels are sent
  std::size_t unsent_ = 0;
  std::size_t unsent_answers_ = 0;  // bytes of them in the outbox
  std::function<void()> output_signal_;
  std::vector<std::weak_ptr<BrokenWatch>> watches_;
  std::optional<Error> end_reason_;
  Later<&SessionCore::finish_ending> ending_{*this};
  // Who wants to know when no stub is left.
  struct Unused {
    Unused(SessionCore& session, std::function<void()> callback)
        : signal(std::move(callback)), later(session) {}
    std::function<void()> signal;
    Later<&SessionCore::report_unused> later;
  };
  std::unique_ptr<Unused> unused_;  // null at servers' ends, of which there are many
};

// One more message, which `print` appends to the outbox.
template <class Print>
void SessionCore::put_out_printed(Print print) {
  if (end_reason_) return;  // M-46
  print(next_message());
  end_message();
}

// Sends the message that `print` appends to a text. Plain data is printed where it leaves from;
// what else is in a message may send something of its own before it (S-11).
template <class Print>
Expected<Done> SessionCore::send_printed(bool is_plain, Print print) {
  if (end_reason_) return Done{};  // M-46
  if (!is_plain) {
    std::string text;
    auto done = print(text);
    if (done) send(text);
    return done;
  }
  std::string& text = next_message();
  const std::size_t begin = text.size();
  auto done = print(text);
  if (done) {
    end_message();
  } else {
    text.resize(begin);
  }
  return done;
}

}  // namespace capnweb::detail
