/*
Copyright (c) 2026 The binarly-images authors
Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.
*/
'use strict';
(() => {
  const find = (id) => document.getElementById(id);
  const root = document.documentElement;
  const rows = [...find('table').tBodies[0].rows];
  const chips = [...document.querySelectorAll('.chips button')];
  const grouped = (value) => value.toLocaleString('en-US');
  // Made at the first search: most readers never search.
  let texts = null;

  // What is shown stands in the address, so that it can be shared, and is kept nowhere else:
  // q is searched for, v the verdict, c the kind, theme light or dark.
  const read = () => new URLSearchParams(location.hash.slice(1));
  const write = (name, value) => {
    const state = read();
    for (const key of [...state.keys()]) {
      if (!['q', 'v', 'c', 'theme'].includes(key)) state.delete(key);
    }
    if (value) state.set(name, value); else state.delete(name);
    // A space and a percent sign alone would not survive as they are.
    history.replaceState(null, '', '#' + state.toString());
    show();
  };

  const showTheme = (wanted) => {
    if (wanted === 'light' || wanted === 'dark') root.dataset.theme = wanted;
    else delete root.dataset.theme;
    const dark = root.dataset.theme
      ? root.dataset.theme === 'dark'
      : matchMedia('(prefers-color-scheme: dark)').matches;
    find('theme').textContent = dark ? 'Light' : 'Dark';
    find('theme').setAttribute('aria-label', dark ? 'Use light colours' : 'Use dark colours');
    return dark;
  };

  const show = () => {
    const state = read();
    showTheme(state.get('theme'));
    const words = (state.get('q') || '').toLowerCase().split(/\s+/).filter(Boolean);
    const verdict = state.get('v') || '';
    const kind = state.get('c') || '';
    if (find('search').value.trim() !== (state.get('q') || '').trim()) {
      find('search').value = state.get('q') || '';
    }
    for (const chip of chips) {
      chip.setAttribute('aria-pressed', String(chip.dataset.v === verdict));
    }
    find('kind').hidden = !kind;
    find('kind').textContent = kind + ' \u00d7';
    find('kind').setAttribute('aria-label', 'Do not show only ' + kind);
    if (words.length && !texts) {
      texts = rows.map((row) => (row.textContent + ' ' + row.dataset.c).toLowerCase());
    }
    let count = 0;
    rows.forEach((row, at) => {
      const fits = (!verdict || row.dataset.v === verdict) && (!kind || row.dataset.c === kind) &&
        words.every((word) => texts[at].includes(word));
      if (row.hidden === fits) row.hidden = !fits;
      if (fits) ++count;
    });
    find('shown').textContent = count === rows.length
      ? grouped(count) + (count === 1 ? ' row' : ' rows')
      : grouped(count) + ' of ' + grouped(rows.length) + ' rows';
    find('none').hidden = count !== 0 || rows.length === 0;
    find('table').hidden = count === 0;
  };

  const toRows = () => {
    find('rows').focus({preventScroll: true});
    find('rows').scrollIntoView();
  };
  // The usual jump would take what the address holds away.
  document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault();
    toRows();
  });

  find('theme').hidden = false;
  find('theme').addEventListener('click', () => {
    write('theme', showTheme(root.dataset.theme) ? 'light' : 'dark');
  });
  if (rows.length) {
    find('filter').hidden = false;
    find('search').addEventListener('input', (event) => write('q', event.target.value.trim()));
    find('search').addEventListener('keydown', (event) => {
      if (event.key === 'Escape') write('q', '');
    });
    for (const chip of chips) {
      chip.addEventListener('click', () => {
        write('v', chip.getAttribute('aria-pressed') === 'true' ? '' : chip.dataset.v);
      });
    }
    find('kind').addEventListener('click', () => write('c', ''));
    find('clear').addEventListener('click', () => {
      const theme = read().get('theme');
      history.replaceState(null, '', theme ? '#theme=' + theme : '#');
      show();
      find('search').focus();
    });
    for (const button of document.querySelectorAll('button.only')) {
      button.hidden = false;
      button.addEventListener('click', () => {
        write('v', button.dataset.v);
        write('c', button.dataset.c);
        toRows();
      });
    }
  } else {
    find('table').hidden = true;
  }

  // A tooltip takes a second to come, and never comes on a touch screen.
  for (const figure of document.querySelectorAll('figure')) {
    const readout = figure.querySelector('.readout');
    if (!readout) continue;
    const usual = readout.textContent;
    figure.addEventListener('pointerover', (event) => {
      const title = event.target.closest('.hit')?.querySelector('title');
      readout.textContent = title ? title.textContent : usual;
    });
    figure.addEventListener('pointerleave', () => { readout.textContent = usual; });
  }

  addEventListener('hashchange', show);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', show);
  show();
})();
