// Selections on a pack's page: "select all of this group", and a count that says what the buttons will act on.
import './pages.css';

const boxes = (root) => [...root.querySelectorAll('input[type=checkbox][name=row]')];

function tell(form) {
  const count = boxes(form).filter((box) => box.checked).length;
  form.querySelectorAll('[data-chosen]').forEach((place) => { place.textContent = count; });
  form.querySelectorAll('[data-needs-chosen]').forEach((button) => { button.disabled = count === 0; });
  form.querySelectorAll('[data-choose-all]').forEach((all) => {
    const mine = boxes(all.closest('[data-choose-scope]'));
    const on = mine.filter((box) => box.checked).length;
    all.checked = mine.length > 0 && on === mine.length;
    all.indeterminate = on > 0 && on < mine.length;
  });
}

document.addEventListener('change', (event) => {
  const form = event.target.closest('form[data-choosing]');
  if (!form) return;
  if (event.target.matches('[data-choose-all]')) {
    boxes(event.target.closest('[data-choose-scope]')).forEach((box) => { box.checked = event.target.checked; });
  }
  tell(form);
});
document.querySelectorAll('form[data-choosing]').forEach(tell);
addEventListener('pageshow', () => document.querySelectorAll('form[data-choosing]').forEach(tell));
