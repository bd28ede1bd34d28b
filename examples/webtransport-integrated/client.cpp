// integrated-client URL [HASH]: the URL says how it connects: http:// is a batch, ws:// a
// WebSocket, https:// WebTransport. Without a hash the server's certificate must be of an
// authority.
#include <capnweb/capnweb.hpp>
#include <capnweb/webtransport.hpp>
#include <exception>
#include <iostream>
#include <string>

#include "calculator/calculator.hpp"

capnweb::Task<> calculate(std::string url, std::string hash) {
  capnweb::WebTransportClientOptions trusted;
  if (!hash.empty()) trusted.certificate_hashes.push_back(capnweb::CertificateHash::from_hex(hash));
  const capnweb::ConnectOptions options{.transport = capnweb::webtransport(trusted)};

  const auto api = co_await capnweb::connect<Calculator>(url, options);
  const auto sum = api->add(5, 3);
  const double product = co_await api->multiply(sum, 7);
  std::cout << "(5 + 3) * 7 = " << product << '\n';
}

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: integrated-client URL [HASH]\n";
    return 2;
  }
  try {
    capnweb::run(calculate(argv[1], argc > 2 ? argv[2] : ""));
  } catch (const std::exception& error) {
    std::cerr << "integrated-client: " << error.what() << '\n';
    return 1;
  }
}
