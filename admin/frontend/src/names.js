// Names for the pick-lists, asked of the server once a page: forms with their fields, decisions, processes, registers, roles,
// units, calendars, service types with their inputs, messages. Until they are there, and when they cannot be had, the lists
// are empty and every field can still be typed.
import { ask } from './talk.js';

const EMPTY = { forms: [], decisions: [], processes: [], registers: [], roles: [], units: [], calendars: [], jobs: [], messages: [] };

export class Names {
  constructor(eventBus) { this._eventBus = eventBus; Object.assign(this, EMPTY); }

  /** Fetches them; fires `linli.names` when they are there. Away, Expired and Refused go to the caller. */
  async fetch(address) {
    Object.assign(this, await ask(address));
    this._eventBus.fire('linli.names');
  }

  find(kind, id) { return this[kind].find((one) => one.id === id); }
  job(type) { return this.jobs.find((one) => one.type === type); }
  /** What people call it. */
  title(kind, id) { return this.find(kind, id)?.title || id; }
}
Names.$inject = ['eventBus'];

export default { linliNames: ['type', Names] };
