// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/socks_tunnel.hpp"

#include "connect/tunnel_loss.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace binarly::connect {
namespace {

namespace asio = boost::asio;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

using failed_with = std::optional<transport_failure>;

constexpr unsigned char version = 5;
constexpr unsigned char password_version = 1;  // RFC 1929
constexpr unsigned char connect_command = 1;

enum method : unsigned char { no_credentials = 0, user_and_password = 2, none_of_them = 0xff };
enum address_type : unsigned char { ipv4 = 1, name = 3, ipv6 = 4 };

constexpr std::string_view nothing;

/// Answers are read to the byte: the next one is the origin's.
using answer_head = std::array<unsigned char, 2>;
using reply_head = std::array<unsigned char, 5>;  // and the first byte of an address
/// A name of 255 bytes and a port.
using reply_rest = std::array<unsigned char, 255 + 2>;

template <class Bytes>
void append(std::string& text, const Bytes& bytes) {
  text.append(bytes.begin(), bytes.end());
}

void append_byte(std::string& text, std::size_t value) {
  text.append(1, static_cast<char>(static_cast<unsigned char>(value)));
}

std::string greeting(const proxy& through) {
  const bool has_credentials = !through.user.empty() || !through.password.empty();
  std::string text;
  append_byte(text, version);
  append_byte(text, has_credentials ? 2 : 1);
  append_byte(text, no_credentials);
  if (has_credentials) append_byte(text, user_and_password);
  return text;
}

secret sign_in(const proxy& through) {
  const auto password = through.password.reveal();
  std::string text;
  text.reserve(3 + through.user.size() + password.size());
  append_byte(text, password_version);
  append_byte(text, through.user.size());
  text.append(through.user);
  append_byte(text, password.size());
  text.append(password);
  return secret(std::move(text));
}

std::string request_for(const origin& where) {
  std::string text;
  append_byte(text, version);
  append_byte(text, connect_command);
  append_byte(text, 0);
  const std::string_view host = where.certificate_name();
  if (!where.literal) {
    append_byte(text, address_type::name);
    append_byte(text, host.size());  // at most 253
    text.append(host);
  } else if (const auto address = asio::ip::make_address(host); address.is_v4()) {
    append_byte(text, address_type::ipv4);
    append(text, address.to_v4().to_bytes());
  } else {
    append_byte(text, address_type::ipv6);
    append(text, address.to_v6().to_bytes());
  }
  append_byte(text, where.port >> 8U);
  append_byte(text, where.port & 0xffU);
  return text;
}

transport_failure refused(const proxy& through, const std::string& what) {
  return {errc::proxy_refused, phase::proxy, through.name() + ' ' + what};
}

transport_failure no_proxy(const proxy& through, const std::string& complaint) {
  return refused(through, "does not answer as a SOCKS 5 proxy: " + complaint);
}

/// RFC 1928, section 6. Where the proxy tried and the way was barred, it may be open the next time.
transport_failure refusal(unsigned char reply, const proxy& through, const origin& where) {
  const auto unreached = [&](const std::string& why) {
    return transport_failure(errc::connect_failed, phase::proxy,
                             through.name() + " could not reach " + where.authority() + ": " + why);
  };
  switch (reply) {
    case 1:
      return unreached("it says no more than that it failed");
    case 2:
      return refused(through, "does not let anybody through to " + where.authority());
    case 3:
      return unreached("its network is out of reach from there");
    case 4:
      return unreached("the host is out of reach from there, or its name is unknown");
    case 5:
      return unreached("the host refuses connections to that port");
    case 6:
      return unreached("it took too long (TTL expired)");
    case 7:
      return refused(through, "does not open connections (command not supported)");
    case 8:
      return refused(through, "does not take such an address: " + where.authority());
    default:
      return no_proxy(through, "its reply has the unknown code " + std::to_string(reply));
  }
}

std::string hexadecimal(unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  return {'0', 'x', digits[byte >> 4U], digits[byte & 0xfU]};
}

/// Sends a message, and reads an answer of this size.
asio::awaitable<failed_with> exchange(asio::ip::tcp::socket& socket, const proxy& through,
                                      std::string_view message, asio::mutable_buffer answer) {
  const auto [unsent, sent] = co_await asio::async_write(socket, asio::buffer(message), as_result);
  if (unsent) co_return tunnel_lost(through, unsent, false);
  const auto [unread, count] = co_await asio::async_read(socket, answer, as_result);
  if (unread) co_return tunnel_lost(through, unread, count > 0);
  co_return std::nullopt;
}

asio::awaitable<failed_with> show_who_asks(asio::ip::tcp::socket& socket, const proxy& through) {
  const std::string hello = greeting(through);
  answer_head chosen{};
  auto lost = co_await exchange(socket, through, hello, asio::buffer(chosen));
  if (lost) co_return lost;
  if (chosen[0] != version) {
    co_return no_proxy(through, "its answer begins with " + hexadecimal(chosen[0]));
  }
  const bool has_credentials = hello.size() > 3;
  if (chosen[1] == none_of_them) {
    co_return refused(through, has_credentials
                                   ? "takes neither a user name and a password nor a client "
                                     "without them"
                                   : "wants a user name and a password, or another way to sign in");
  }
  if (chosen[1] == no_credentials) co_return std::nullopt;
  if (chosen[1] != user_and_password || !has_credentials) {
    co_return no_proxy(through, "it chooses a way to sign in that was not offered");
  }
  const secret credentials = sign_in(through);
  answer_head verdict{};
  lost = co_await exchange(socket, through, credentials.reveal(), asio::buffer(verdict));
  if (lost) co_return lost;
  // Some say the protocol's version here.
  if (verdict[0] != password_version && verdict[0] != version) {
    co_return no_proxy(through,
                       "its answer to the password begins with " + hexadecimal(verdict[0]));
  }
  if (verdict[1] != 0) {
    co_return refused(through, "does not accept the user name and the password");
  }
  co_return std::nullopt;
}

}  // namespace

asio::awaitable<std::optional<transport_failure>> open_socks_tunnel(asio::ip::tcp::socket& socket,
                                                                    const proxy& through,
                                                                    const origin& where) {
  auto unwelcome = co_await show_who_asks(socket, through);
  if (unwelcome) co_return unwelcome;
  const std::string request = request_for(where);
  reply_head reply{};
  // A refusal may be cut short behind its code.
  const auto code_first = asio::buffer(reply, 2);
  auto lost = co_await exchange(socket, through, request, code_first);
  if (lost) co_return lost;
  if (reply[0] != version) {
    co_return no_proxy(through, "its reply begins with " + hexadecimal(reply[0]));
  }
  if (reply[1] != 0) co_return refusal(reply[1], through, where);
  const auto head_rest = asio::buffer(reply) + 2;
  lost = co_await exchange(socket, through, nothing, head_rest);
  if (lost) co_return lost;
  // The address that it connects from, which nobody asks for.
  std::size_t size = 0;
  switch (reply[3]) {
    case address_type::ipv4:
      size = 4;
      break;
    case address_type::ipv6:
      size = 16;
      break;
    case address_type::name:
      size = 1 + std::size_t{reply[4]};
      break;
    default:
      co_return no_proxy(
          through, "its reply has an address of the unknown type " + std::to_string(reply[3]));
  }
  reply_rest rest{};
  const auto address_rest = asio::buffer(rest, size - 1 + 2);
  lost = co_await exchange(socket, through, nothing, address_rest);
  co_return lost;
}

}  // namespace binarly::connect
