// The part of QuicConnection that is QuicStreams.
#include <utility>

#include "net/webtransport/quic_connection.hpp"
#include "net/webtransport/quic_ngtcp2.hpp"

namespace capnweb {

std::optional<StreamId> QuicConnection::open_bidirectional() {
  StreamId id = 0;
  if (phase_ != Phase::kOpen || ngtcp2_conn_open_bidi_stream(connection_.get(), &id, nullptr) != 0)
    return std::nullopt;
  return id;
}

std::optional<StreamId> QuicConnection::open_unidirectional() {
  StreamId id = 0;
  if (phase_ != Phase::kOpen || ngtcp2_conn_open_uni_stream(connection_.get(), &id, nullptr) != 0)
    return std::nullopt;
  return id;
}

void QuicConnection::send(StreamId id, std::string bytes) {
  if (phase_ != Phase::kOpen) return;
  Out& out = outs_[id];
  out.queue.push(std::move(bytes));
  make_ready(id, out);
  carrier_.flush_later();
}

void QuicConnection::finish(StreamId id) {
  if (phase_ != Phase::kOpen) return;
  Out& out = outs_[id];
  out.queue.finish();
  make_ready(id, out);
  carrier_.flush_later();
}

void QuicConnection::reset(StreamId id, std::uint64_t code) {
  if (phase_ != Phase::kOpen) return;
  if (const auto out = outs_.find(id); out != outs_.end()) out->second.queue.clear();
  shut_quic_output(connection_.get(), id, code);
  carrier_.flush_later();
}

void QuicConnection::stop(StreamId id, std::uint64_t code) {
  if (phase_ != Phase::kOpen) return;
  shut_quic_input(connection_.get(), id, code);
  carrier_.flush_later();
}

std::size_t QuicConnection::unsent(StreamId id) const noexcept {
  const auto out = outs_.find(id);
  return out == outs_.end() ? 0 : out->second.queue.unsent();
}

void QuicConnection::credit(StreamId id, std::size_t bytes) {
  if (phase_ != Phase::kOpen || bytes == 0) return;
  ngtcp2_conn_extend_max_stream_offset(connection_.get(), id, bytes);
  ngtcp2_conn_extend_max_offset(connection_.get(), bytes);
  carrier_.flush_later();
}

}  // namespace capnweb
