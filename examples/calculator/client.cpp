// calculator-client [URL]: calls the calculator. A ws:// URL keeps a connection open, an http://
// URL makes one batch of all the calls.
#include <exception>
#include <iostream>
#include <string>

#include "calculator.hpp"

capnweb::Task<> calculate(std::string url) {
  const auto api = co_await capnweb::connect<Calculator>(url);

  // All three are on their way before the first answer is there. The product uses the sum, which
  // the server puts in its place: that needs no round trip of its own.
  const auto sum = api->add(5, 3);
  const auto product = api->multiply(sum, 7);
  // The compiler does not let us call what the contract does not list, so this goes by name.
  const auto difference = capnweb::Stub<>(api).call<double>("subtract", 5, 3);

  const auto [eight, fifty_six] = co_await capnweb::when_all(sum, product);
  std::cout << "5 + 3 = " << eight << '\n';
  std::cout << "(5 + 3) * 7 = " << fifty_six << '\n';
  try {
    const double two = co_await difference;
    std::cout << "5 - 3 = " << two << '\n';
  } catch (const capnweb::Error& error) {
    std::cout << "5 - 3: " << error.what() << '\n';
  }
}

int main(int argc, char** argv) {
  try {
    capnweb::run(calculate(argc > 1 ? argv[1] : "ws://127.0.0.1:8080/rpc"));
  } catch (const std::exception& error) {
    std::cerr << "calculator-client: " << error.what() << '\n';
    return 1;
  }
}
