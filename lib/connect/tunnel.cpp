// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/tunnel.hpp"

#include "domain/printable.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace binarly::connect {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// The proxy's answer and the interim ones before it, in bytes.
constexpr std::size_t largest_answer = 16 * 1024;
constexpr int most_interim_answers = 8;
constexpr std::size_t longest_phrase = 128;

/// The head of an answer to CONNECT, as it arrives. Nothing is discarded of what arrives, so the
/// buffer's size is the bound; Beast's own does not hold for a head that it sees piece by piece.
class tunnel_answer {
 public:
  enum class state {
    need_more,
    complete,
    broken,  ///< `complaint` tells why
  };

  tunnel_answer() { expect_head(); }

  /// Where further bytes go; not empty while more are needed.
  [[nodiscard]] asio::mutable_buffer room() noexcept { return asio::buffer(buffer_) + size_; }

  state take(std::size_t count) {
    size_ += count;
    while (parsed_ < size_) {
      error_code failed;
      parsed_ += parser_->put(asio::const_buffer(asio::buffer(buffer_, size_)) + parsed_, failed);
      if (failed == http::error::need_more) break;
      if (failed) return fail(failed.message());
      if (status() / 100 != 1) return state::complete;
      if (status() == 101) return fail("it switches protocols");
      if (++interim_answers_ > most_interim_answers) return fail("too many interim answers");
      expect_head();
    }
    if (size_ == buffer_.size()) return fail("its head is larger than 16 KiB");
    return state::need_more;
  }

  [[nodiscard]] bool begun() const noexcept { return size_ > 0; }
  [[nodiscard]] unsigned status() const { return parser_->get().result_int(); }
  [[nodiscard]] std::string_view phrase() const { return parser_->get().reason(); }
  /// Whether more than the head has come.
  [[nodiscard]] bool has_rest() const noexcept { return parsed_ < size_; }
  [[nodiscard]] const std::string& complaint() const noexcept { return complaint_; }

 private:
  void expect_head() {
    parser_.emplace();
    parser_->header_limit(std::numeric_limits<std::uint32_t>::max());
    // What a tunnel carries is no body, whatever the head announces (RFC 9110, section 9.3.6); and
    // nobody reads the page that comes with a refusal.
    parser_->skip(true);
  }

  state fail(std::string complaint) {
    complaint_ = std::move(complaint);
    return state::broken;
  }

  std::string buffer_ = std::string(largest_answer, '\0');
  std::size_t size_ = 0;
  std::size_t parsed_ = 0;
  int interim_answers_ = 0;
  std::optional<http::response_parser<http::empty_body>> parser_;
  std::string complaint_;
};

secret request_for(const proxy& through, const origin& where) {
  const std::string host = where.literal ? where.url_host() : std::string(where.certificate_name());
  const std::string target = host + ':' + std::to_string(where.port);
  std::string head = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!through.authorization.empty()) {
    constexpr std::string_view name = "Proxy-Authorization: ";
    const auto value = through.authorization.reveal();
    head.reserve(head.size() + name.size() + value.size() + 4);
    head.append(name).append(value).append("\r\n");
  }
  head.append("\r\n");
  return secret(std::move(head));
}

std::string name_of(const proxy& through) { return "the proxy " + through.authority(); }

/// The proxy's words: one line, cut, and without the credentials that it may have repeated.
std::string shown(std::string_view phrase, const proxy& through) {
  auto encoded = through.authorization.reveal();
  encoded.remove_prefix(encoded.find(' ') + 1);
  const std::string safe = domain::without_secret(phrase, encoded);
  return domain::printable(domain::without_secret(safe, through.password.reveal()), longest_phrase);
}

/// What a status other than 2xx means.
std::string meaning(unsigned status, const proxy& through, const origin& where) {
  switch (status) {
    case 401:  // what some proxies say instead of 407 to credentials that are wrong
    case 407:
      return through.authorization.empty() ? "it wants a user name and a password"
                                           : "it does not accept the user name and the password";
    case 403:
      return "it does not let anybody through to " + where.authority();
    case 500:
    case 502:
    case 503:
    case 504:
      return "it could not reach " + where.authority();
    default:
      return "";
  }
}

transport_failure refused(const tunnel_answer& answer, const proxy& through, const origin& where) {
  std::string reason = name_of(through) + " answered " + std::to_string(answer.status());
  if (!answer.phrase().empty()) reason += ' ' + shown(answer.phrase(), through);
  const std::string means = meaning(answer.status(), through, where);
  if (!means.empty()) reason += ": " + means;
  transport_failure why(errc::proxy_refused, phase::proxy, std::move(reason));
  why.proxy_status = answer.status();
  return why;
}

transport_failure not_a_proxy(const proxy& through, const std::string& complaint) {
  return {errc::proxy_refused, phase::proxy,
          name_of(through) + " does not answer as an HTTP proxy: " + complaint};
}

transport_failure lost(const proxy& through, const error_code& cause, bool begun) {
  std::string reason = name_of(through);
  if (cause == asio::error::eof) {
    reason += " closed the connection";
    reason += begun ? " in the middle of its answer" : " without an answer";
  } else {
    reason += ": " + cause.message();
  }
  return {errc::connection_lost, phase::proxy, std::move(reason), cause};
}

}  // namespace

asio::awaitable<std::optional<transport_failure>> open_tunnel(asio::ip::tcp::socket& socket,
                                                              const proxy& through,
                                                              const origin& where) {
  const secret request = request_for(through, where);
  const auto [unsent, sent] =
      co_await asio::async_write(socket, asio::buffer(request.reveal()), as_result);
  if (unsent) co_return lost(through, unsent, false);
  tunnel_answer answer;
  auto state = tunnel_answer::state::need_more;
  while (state == tunnel_answer::state::need_more) {
    const auto [failed, count] = co_await socket.async_read_some(answer.room(), as_result);
    if (failed) co_return lost(through, failed, answer.begun());
    state = answer.take(count);
  }
  if (state == tunnel_answer::state::broken) co_return not_a_proxy(through, answer.complaint());
  if (answer.status() / 100 != 2) co_return refused(answer, through, where);
  // In TLS the client speaks first: these bytes would be the proxy's own.
  if (answer.has_rest()) co_return not_a_proxy(through, "more than an answer came from it");
  co_return std::nullopt;
}

}  // namespace binarly::connect
