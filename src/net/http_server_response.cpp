#include "net/http_server_response.hpp"

#include <array>
#include <boost/beast/http/status.hpp>
#include <chrono>
#include <ctime>

namespace capnweb {

std::string compose_head(const HttpResponse& response, std::string_view date) {
  const std::string_view reason = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(response.status)));
  std::string head;
  head.reserve(256);
  head += "HTTP/1.1 ";
  head += std::to_string(response.status);
  head += ' ';
  head += reason;
  head += "\r\nDate: ";
  head += date;
  head += "\r\n";
  // A 204 has no body and must not announce one.
  if (response.status != 204) {
    // Answers quote what clients sent: nobody shall take them for a page.
    head += "X-Content-Type-Options: nosniff\r\nContent-Type: ";
    head += response.content_type;
    head += "\r\nContent-Length: ";
    head += std::to_string(response.body.size());
    head += "\r\n";
  }
  for (const auto& [name, value] : response.headers) {
    head += name;
    head += ": ";
    head += value;
    head += "\r\n";
  }
  return head;
}

const std::string& HttpDate::now() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t second = std::chrono::system_clock::to_time_t(now);
  if (second != second_) {
    second_ = second;
    std::tm parts{};
    gmtime_r(&second, &parts);
    // Not strftime's names of days and months: the application may have set a locale.
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::array<char, 40> numbers;
    const std::size_t size = std::strftime(numbers.data(), numbers.size(), "%Y %H:%M:%S", &parts);
    const std::string_view year_and_time(numbers.data(), size);
    text_ = kDays[parts.tm_wday];
    text_ += parts.tm_mday < 10 ? ", 0" : ", ";
    text_ += std::to_string(parts.tm_mday);
    text_ += ' ';
    text_ += kMonths[parts.tm_mon];
    text_ += ' ';
    text_ += year_and_time;
    text_ += " GMT";
  }
  return text_;
}

}  // namespace capnweb
