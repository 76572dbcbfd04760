// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/event_hub.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace {

namespace asio = boost::asio;
using binarly::event;
using binarly::limit_changed;
using binarly::call::event_hub;

limit_changed number(std::size_t value) {
  return limit_changed{binarly::operation_kind::get_image, value};
}

TEST_CASE("events are heard in their order, and not from within what tells of them") {
  asio::io_context context;
  std::vector<std::string> heard;
  const auto hub = std::make_shared<event_hub>(
      context.get_executor(), [&](const event& what) { heard.push_back(to_string(what)); });
  hub->tell(number(1));
  hub->tell(number(2));
  CHECK(heard.empty());
  context.run();
  CHECK(heard == std::vector<std::string>{"limit changed: 1 attempts in flight to get image",
                                          "limit changed: 2 attempts in flight to get image"});
  context.restart();
  hub->tell(number(3));
  context.run();
  CHECK(heard.size() == 3);
}

TEST_CASE("a listener that throws misses nothing that follows") {
  asio::io_context context;
  int heard = 0;
  const auto hub = std::make_shared<event_hub>(context.get_executor(), [&](const event&) {
    ++heard;
    throw std::runtime_error("not in the mood");
  });
  for (std::size_t i = 0; i < 3; ++i)
    hub->tell(number(i));
  context.run();
  CHECK(heard == 3);
}

TEST_CASE("a listener that causes events hears them, and keeps nobody from the executor") {
  asio::io_context context;
  std::shared_ptr<event_hub> hub;
  std::size_t heard = 0;
  std::size_t others = 0;
  hub = std::make_shared<event_hub>(context.get_executor(), [&](const event&) {
    if (++heard < 100) hub->tell(number(heard));
    asio::post(context, [&] { others = heard; });
  });
  hub->tell(number(0));
  while (heard < 50)
    context.poll_one();
  // What it posted along the way had its turns meanwhile.
  CHECK(others >= 40);
  context.run();
  CHECK(heard == 100);
}

TEST_CASE("what a slow listener has not heard is bounded, and the loss is told") {
  asio::io_context context;
  std::size_t numbers = 0;
  std::uint64_t lost = 0;
  const auto hub = std::make_shared<event_hub>(context.get_executor(), [&](const event& what) {
    if (std::holds_alternative<limit_changed>(what)) ++numbers;
    if (const auto* const loss = std::get_if<binarly::events_lost>(&what)) lost += loss->count;
  });
  for (std::size_t i = 0; i < event_hub::most_kept + 7; ++i)
    hub->tell(number(i));
  context.run();
  CHECK(numbers == event_hub::most_kept);
  CHECK(lost == 7);
}

}  // namespace
