import { expect, test } from 'vitest';
import { junitXml } from '../../src/cli/junit.js';

test('a document counts what passed, failed and was skipped, and escapes what XML does not take', () => {
  const xml = junitXml([
    {
      name: 'judge "a" & <b>',
      cases: [
        { name: 'valid', durationMs: 12 },
        {
          name: 'deep',
          durationMs: 1_500,
          failure: { type: 'DIED', message: 'gone\u0000 <at> "once"\nor later' },
        },
        { name: 'huge', durationMs: 0, skipped: 'nobody there', output: 'a\ud800b & c' },
      ],
    },
  ]);
  expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="judge &quot;a&quot; &amp; &lt;b&gt;" tests="3" failures="1" errors="0" skipped="1" time="1.512">
    <testcase name="valid" classname="judge &quot;a&quot; &amp; &lt;b&gt;" time="0.012"/>
    <testcase name="deep" classname="judge &quot;a&quot; &amp; &lt;b&gt;" time="1.500">
      <failure type="DIED" message="gone\ufffd &lt;at&gt; &quot;once&quot;&#10;or later">gone\ufffd &lt;at&gt; "once"
or later</failure>
    </testcase>
    <testcase name="huge" classname="judge &quot;a&quot; &amp; &lt;b&gt;" time="0.000">
      <skipped message="nobody there"/>
      <system-out>a\ufffdb &amp; c</system-out>
    </testcase>
  </testsuite>
</testsuites>
`);
});
