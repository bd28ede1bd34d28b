#include "cap/pipe.hpp"

#include <capnweb/detail/outcome.hpp>
#include <capnweb/detail/resolver.hpp>
#include <deque>
#include <optional>
#include <utility>

#include "cap/write_queue.hpp"

namespace capnweb::detail {

namespace {

Value as_read(Value chunk) {
  Array one;
  one.push_back(std::move(chunk));
  return Value(std::move(one));
}

// What both ends share.
class Pipe final : public RefCounted {
 public:
  HookRef write(Value chunk) {
    if (queue_.is_open()) {
      if (const auto circle = find_reader(chunk)) {
        fail(*circle);
        return make_rejected(*circle);
      }
      if (auto reader = next_reader()) {
        reader->chunk.resolve(as_read(std::move(chunk)));
        return reader->done ? reader->done : make_resolved({});
      }
    }
    return queue_.write(std::move(chunk));
  }

  HookRef close() {
    HookRef closed = queue_.close();
    close_if_read();
    return closed;
  }

  // The writer's abort and the reader's cancel: the end for both.
  void fail(Error error) {
    if (queue_.is_over()) return;
    queue_.fail(std::move(error));
    while (auto reader = next_reader()) reader->chunk.reject(*queue_.error());
  }

  // `done`: see ReadableHook::read_on(); null: what is read is acknowledged at once.
  HookRef read(HookRef done) {
    is_handed_on_ = done != nullptr;
    if (!queue_.empty()) {
      auto write = queue_.take();
      write.done.resolve(done ? Value(PromiseRef{std::move(done)}) : Value());
      close_if_read();
      return make_resolved(as_read(std::move(write.chunk)));
    }
    if (queue_.error()) return make_rejected(*queue_.error());
    if (queue_.is_closed()) return make_resolved({});
    readers_.push_back({.chunk = {}, .done = std::move(done)});
    HookRef chunk = readers_.back().chunk.promise();
    close_if_read();
    return chunk;
  }

  HookRef ready() const { return queue_.ready(); }
  HookRef ended() { return queue_.ended(); }
  bool is_open() const noexcept { return queue_.is_open(); }

  void set_reader(const Hook* reader) noexcept { reader_ = reader; }
  void append_references(std::vector<const Hook*>& out) const { queue_.append_references(out); }

 private:
  struct Reader {
    Resolver chunk;
    HookRef done;
  };
  // Whoever could read such a chunk would have to have read it before.
  std::optional<Error> find_reader(const Value& chunk) const {
    std::vector<const Hook*> references;
    detail::append_references(chunk, references);
    if (references.empty() || !reader_) return std::nullopt;
    return find_circle(std::move(references), *reader_, "A stream can't be written to itself.");
  }

  // The first that waits for a chunk and still wants it.
  std::optional<Reader> next_reader() {
    while (!readers_.empty()) {
      Reader reader = std::move(readers_.front());
      readers_.pop_front();
      if (reader.chunk.is_wanted()) return reader;
    }
    return std::nullopt;
  }

  void close_if_read() {
    if (!queue_.is_closing()) return;
    auto reader = next_reader();
    // Who hands chunks on comes back for the end, and acknowledges that as well.
    if (!reader && is_handed_on_) return;
    queue_.finish_close(reader ? reader->done : nullptr);
    for (; reader; reader = next_reader()) reader->chunk.resolve({});
  }

  WriteQueue queue_;
  std::deque<Reader> readers_;
  bool is_handed_on_ = false;
  const Hook* reader_ = nullptr;  // while it is there
};

class PipeWriter final : public WritableHook {
 public:
  explicit PipeWriter(Ref<Pipe> pipe) : pipe_(std::move(pipe)) {}

  HookRef write(Value chunk) override { return pipe_->write(std::move(chunk)); }
  HookRef close() override { return pipe_->close(); }
  HookRef abort(Error reason) override {
    pipe_->fail(std::move(reason));
    return make_resolved({});
  }
  HookRef ready() override { return pipe_->ready(); }
  HookRef ended() override { return pipe_->ended(); }

 private:
  void last_ref_gone() noexcept override {
    if (pipe_->is_open()) pipe_->fail(not_closed());  // S-6, S-23
    destroy();
  }

  Ref<Pipe> pipe_;
};

class PipeReader final : public ReadableHook, public Needs {
 public:
  explicit PipeReader(Ref<Pipe> pipe) : pipe_(std::move(pipe)) { pipe_->set_reader(this); }

  HookRef read() override { return pipe_->read(nullptr); }
  HookRef read_on(const HookRef& done) override { return pipe_->read(done); }
  void cancel(Error reason) override { pipe_->fail(std::move(reason)); }
  void append_needs(std::vector<const Hook*>& out) const override { pipe_->append_references(out); }

 private:
  void last_ref_gone() noexcept override {
    pipe_->set_reader(nullptr);
    pipe_->fail(not_consumed());  // S-19; no effect on one that was read to its end
    destroy();
  }

  Ref<Pipe> pipe_;
};

}  // namespace

PipeEnds make_pipe() {
  auto pipe = make_ref<Pipe>();
  return {make_ref<PipeReader>(pipe), make_ref<PipeWriter>(pipe)};
}

}  // namespace capnweb::detail
