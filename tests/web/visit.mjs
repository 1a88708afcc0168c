// Lets Lighthouse visit a page once and prints its report as JSON.
// node visit.mjs ADDRESS desktop|mobile CATEGORY,… CHROMIUM FLAG…
// Its own command line gives a browser 30 s for each question; it asks for the listeners of all
// links at once, and for a page with a thousand links on a busy machine that is too short.

import {launch} from 'chrome-launcher';
import lighthouse, {desktopConfig} from 'lighthouse';
import {ProtocolSession} from 'lighthouse/core/gather/session.js';

const PATIENCE = 240_000; // milliseconds
ProtocolSession.prototype.getNextProtocolTimeout = function () {
  return this._nextProtocolTimeout ?? PATIENCE;
};

const [address, form, categories, chromePath, ...chromeFlags] = process.argv.slice(2);
const chrome = await launch({chromePath, chromeFlags});
try {
  const flags = {port: chrome.port, onlyCategories: categories.split(','), logLevel: 'silent'};
  const config = form === 'desktop' ? desktopConfig : undefined;
  const {lhr} = await lighthouse(address, flags, config);
  process.stdout.write(JSON.stringify(lhr));
} finally {
  chrome.kill();
}
