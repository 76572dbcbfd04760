// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/tunnel.hpp"

#include "connect/challenges.hpp"
#include "connect/status_line.hpp"
#include "connect/tunnel_loss.hpp"
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
#include <vector>

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
      parsed_ += feed(std::string_view(buffer_).substr(parsed_, size_ - parsed_), failed);
      if (failed == http::error::need_more) break;
      if (failed) return fail(failed.message());
      if (!parser_->is_header_done()) continue;
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
  /// The ways to sign in that it offers with a 401 or a 407.
  [[nodiscard]] std::vector<std::string> schemes() const {
    std::vector<std::string> found;
    const auto asks =
        status() == 401 ? http::field::www_authenticate : http::field::proxy_authenticate;
    const auto range = parser_->get().equal_range(asks);
    for (auto each = range.first; each != range.second; ++each) {
      const auto value = each->value();
      append_schemes(found, {value.data(), value.size()});
    }
    return found;
  }
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

  std::size_t feed(std::string_view bytes, error_code& failed) {
    if (!parser_->got_some()) {
      switch (look_for_bare_status(bytes)) {
        case bare_status_line::no:
          break;
        case bare_status_line::need_more:
          failed = http::error::need_more;
          return 0;
        case bare_status_line::yes: {
          const auto line = with_blank(bytes);
          parser_->put(asio::buffer(line), failed);
          if (failed == http::error::need_more) failed = {};
          return bare_status_size;
        }
      }
    }
    return parser_->put(asio::buffer(bytes), failed);
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

/// The proxy's words: one line, cut, and without the credentials that it may have repeated.
std::string shown(std::string_view phrase, const proxy& through) {
  auto encoded = through.authorization.reveal();
  encoded.remove_prefix(encoded.find(' ') + 1);
  const std::string safe = domain::without_secret(phrase, encoded);
  return domain::printable(domain::without_secret(safe, through.password.reveal()), longest_phrase);
}

/// What a status means that is no 2xx and asks for no credentials.
std::string meaning(unsigned status, const origin& where) {
  switch (status) {
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

/// What a proxy means that wants to know who asks.
std::string demand(const tunnel_answer& answer, const proxy& through) {
  const auto schemes = answer.schemes();
  if (!schemes.empty() && !has_scheme(schemes, "Basic")) {
    std::string names;
    for (const auto& each : schemes)
      names += (names.empty() ? "" : ", ") + each;
    return "it asks to sign in by " + shown(names, through) + ", and only Basic is spoken here";
  }
  return through.authorization.empty() ? "it wants a user name and a password"
                                       : "it does not accept the user name and the password";
}

transport_failure refused(const tunnel_answer& answer, const proxy& through, const origin& where) {
  std::string reason = through.name() + " answered " + std::to_string(answer.status());
  if (!answer.phrase().empty()) reason += ' ' + shown(answer.phrase(), through);
  // Some proxies say 401 instead of 407 to credentials that are wrong.
  const bool asks = answer.status() == 401 || answer.status() == 407;
  const std::string means = asks ? demand(answer, through) : meaning(answer.status(), where);
  if (!means.empty()) reason += ": " + means;
  transport_failure why(errc::proxy_refused, phase::proxy, std::move(reason));
  why.proxy_status = answer.status();
  return why;
}

transport_failure not_a_proxy(const proxy& through, const std::string& complaint) {
  return {errc::proxy_refused, phase::proxy,
          through.name() + " does not answer as an HTTP proxy: " + complaint};
}

}  // namespace

asio::awaitable<std::optional<transport_failure>> open_tunnel(asio::ip::tcp::socket& socket,
                                                              const proxy& through,
                                                              const origin& where) {
  const secret request = request_for(through, where);
  const auto [unsent, sent] =
      co_await asio::async_write(socket, asio::buffer(request.reveal()), as_result);
  if (unsent) co_return tunnel_lost(through, unsent, false);
  tunnel_answer answer;
  auto state = tunnel_answer::state::need_more;
  while (state == tunnel_answer::state::need_more) {
    const auto [failed, count] = co_await socket.async_read_some(answer.room(), as_result);
    if (failed) co_return tunnel_lost(through, failed, answer.begun());
    state = answer.take(count);
  }
  if (state == tunnel_answer::state::broken) co_return not_a_proxy(through, answer.complaint());
  if (answer.status() / 100 != 2) co_return refused(answer, through, where);
  // In TLS the client speaks first: these bytes would be the proxy's own.
  if (answer.has_rest()) co_return not_a_proxy(through, "more than an answer came from it");
  co_return std::nullopt;
}

}  // namespace binarly::connect
