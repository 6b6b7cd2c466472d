/** Opens the window's page: finds the shell around it, then shows the library. */
import './shared/language';
import '@fontsource-variable/inter';
import { mount } from 'svelte';
import App from './App.svelte';
import { connect, sentence } from './host';
import './style/tokens.css';
import './style/base.css';

const target = document.getElementById('app');

if (target) {
  connect().then(
    () => mount(App, { target }),
    (thrown: unknown) => (target.textContent = sentence(thrown)),
  );
}
