/** Shows every shared component in all its states, for who builds the window. Never part of a build. */
import '../src/shared/language';
import '@fontsource-variable/inter';
import { mount } from 'svelte';
import Gallery from './Gallery.svelte';
import '../src/style/tokens.css';
import '../src/style/base.css';

const target = document.getElementById('app');
if (target) mount(Gallery, { target });
