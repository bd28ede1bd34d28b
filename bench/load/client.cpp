#include "load/client.hpp"

#include "common/process.hpp"

namespace bench {

Client::Client(Run& run) : run_(run), socket_(connect_to(run.options.port), run.meter.traffic()) {
  run_.poller.add(socket_.number(), *this, true);
}

bool Client::may_call() const {
  return is_open_ && !is_lost_ && run_.meter.may_start() && calls_ < run_.calls_per_connection;
}

void Client::start() {
  fill(now_ns());
  flush();
}

void Client::lose(std::string_view why) {
  if (!is_lost_) run_.meter.fail(why);
  is_lost_ = true;
}

void Client::flush() {
  if (!socket_.flush()) lose("the connection was lost while sending");
  if (socket_.wants_to_send() == is_watching_writable_) return;
  is_watching_writable_ = socket_.wants_to_send();
  run_.poller.change(socket_.number(), *this, is_watching_writable_);
}

void Client::on_writable() {
  if (!is_connected_) {
    is_connected_ = true;
    greet();
  }
  flush();
}

void Client::on_readable() {
  if (is_lost_) return;
  const bool is_there =
      socket_.read([this](char* begin, char* end) { return take(begin, end, now_ns()); });
  if (!is_there) return lose("the server has closed the connection");
  if (may_call()) fill(now_ns());
  flush();
}

}  // namespace bench
