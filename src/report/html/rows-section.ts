import { html, Markup } from './markup.ts';
import { packRows, type ReportRows } from './pack-rows.ts';

/** The frame that the page's script fills: scatter, filters, one row in full, and the list of rows. */
export function renderRows(rows: ReportRows): Markup {
  return html`<noscript><p class="empty">The rows are drawn by this page's own script, which this browser does not run.</p></noscript>
<div id="rows" hidden>
<p id="rows-note"></p>
<form class="filters" id="row-filter">
<fieldset><legend>Plot</legend>
<label class="choice"><input type="radio" name="view" value="scores" checked> <span>predicted by true</span></label>
<label class="choice"><input type="radio" name="view" value="errors"> <span>error by predicted</span></label>
</fieldset>
<label class="search">Search <input type="search" name="query" placeholder="words of the input" autocomplete="off" spellcheck="false"></label>
<label class="least">Error at least <input type="number" name="least" min="0" step="any" inputmode="decimal" placeholder="0"></label>
<output id="row-count" for="row-filter"></output>
</form>
<div class="explorer">
<div class="plot" id="plot" tabindex="0" role="application" aria-roledescription="scatter plot" aria-describedby="plot-help" aria-label="Rows of the test split">
<canvas id="points"></canvas><canvas id="overlay"></canvas>
<div id="tip" hidden></div>
</div>
<div class="detail" id="detail" aria-live="polite"><p class="empty" id="plot-help">Point at a row, or focus the plot: the arrow keys go from row to row, Enter keeps one, Escape lets it go.</p></div>
</div>
<div class="list-head"><h3 id="list-title">Rows</h3>
<label>Order <select id="order">
<option value="worst">largest errors</option>
<option value="over">scored too high</option>
<option value="under">scored too low</option>
<option value="best">smallest errors</option>
<option value="high">highest predictions</option>
<option value="low">lowest predictions</option>
<option value="file">as in the file</option>
</select></label></div>
<div class="scroll" tabindex="0" role="region" aria-labelledby="list-title"><table class="rows">
<thead><tr><th scope="col" class="number">Row</th><th scope="col" class="number">True</th><th scope="col" class="number">Predicted</th><th scope="col" class="number">Error</th><th scope="col">Input</th></tr></thead>
<tbody id="list"></tbody></table></div>
<p><button type="button" id="more">Show more</button></p>
</div>
<script type="text/plain" id="row-data">${Markup.trusted(packRows(rows))}</script>`;
}
